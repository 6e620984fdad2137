/** German words of `en/artifacts`. */
import type { artifacts as English } from "../en/artifacts";

export const artifacts: typeof English = {
  name: "Artefakte",
  title: "Artefakte",
  emptyTitle: "Keine Artefakte",
  emptyActive: "Dateien des Builds erscheinen hier, sobald sie gespeichert sind.",
  emptyEnded: "Dieser Build hat keine Dateien gespeichert.",
  more: (count) => `Und ${count} weitere`,
  removedTitle: "Die Aufbewahrung hat die Artefakte entfernt",
  removedText: {
    age: "Der Build endete vor zu langer Zeit.",
    count: "Genug Builds des Projekts sind neuer.",
    size: "Neuere Builds füllen, was die Artefakte des Projekts belegen dürfen.",
    disk_budget: "Die Artefakte dieser Instanz belegten mehr, als sie dürfen, und diese waren die ältesten.",
    ttl: "Die Zeit, die Artefakte aufgehoben werden, war um.",
  },
  removedAt: "Entfernt",
  share: "Teilen",
  shareOf: (name) => `${name} teilen`,
  download: "Herunterladen",
  downloadOf: (name) => `${name} herunterladen`,
  delete: "Löschen",
  deleteOf: (name) => `${name} löschen`,
  pinned: (build) =>
    `Build ${build} ist angeheftet und behält seine Artefakte. Erst unter „Weitere Aktionen“ lösen.`,
  than: (change, build) => `${change} gegenüber ${build}`,
  sameSize: (build) => `so groß wie in ${build}`,
  sha256: "SHA-256",
  copySha: "SHA-256 kopieren",
  expires: "Läuft ab",
  state: {
    pending: "Wird hochgeladen",
    available: "Gespeichert",
    failed: "Hochladen fehlgeschlagen",
    removed: "Entfernt",
  },
  type: { apk: "Android-Paket", ipa: "iOS-App", app: "App-Bundle", generic: "Datei" },
  size: "Größe",
  unknownSize: "Größe unbekannt",
};
