/** German words of `en/general`. */
import type { general as English } from "../en/general";

export const general: typeof English = {
  title: "Allgemein",
  name: "Einstellungen",
  instance: "Diese Instanz",
  version: "Version",
  id: "Instanz-ID",
  address: "Öffentliche Adresse",
  noAddress: "Keine: nur auf diesem Rechner erreichbar.",
  mode: "Anmeldung",
  builds: "Builds",
  goesOn: "Builds starten, sobald ein Runner sie annimmt.",
  pause: "Builds anhalten",
  pauseText: "Neue Builds warten, bis es weitergeht. Laufende Builds laufen weiter.",
  pauseHelp: "Erscheint auf den Seiten der Builds und Runner und bei jedem wartenden Build.",
  resume: "Builds fortsetzen",
  nowPaused: "Neue Builds warten von jetzt an.",
  nowRunning: "Builds starten wieder.",
  keys: "Gespeicherte Geheimnisse",
  keyModes: {
    file: "Versiegelt mit einer Schlüsseldatei",
    keychain: "Versiegelt mit einem Schlüssel aus dem Schlüsselbund",
  },
};
