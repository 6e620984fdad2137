/** German words of `en/artifacts`. */
import type { artifacts as English } from "../en/artifacts";

export const artifacts: typeof English = {
  name: "Artefakte",
  title: "Artefakte",
  emptyTitle: "Keine Artefakte",
  emptyActive: "Dateien des Builds erscheinen hier, sobald sie gespeichert sind.",
  emptyEnded: "Dieser Build hat keine Dateien gespeichert.",
  download: "Herunterladen",
  downloadOf: (name) => `${name} herunterladen`,
  sha256: "SHA-256",
  copySha: "SHA-256 kopieren",
  expired: "Abgelaufen",
  expires: "Läuft ab",
  state: { pending: "Wird hochgeladen", available: "Gespeichert", failed: "Hochladen fehlgeschlagen" },
  type: { apk: "Android-Paket", ipa: "iOS-App", app: "App-Bundle", generic: "Datei" },
  size: "Größe",
  unknownSize: "Größe unbekannt",
};
