/** German words of `en/artifact-deletion`. */
import type { artifactDeletion as English } from "../en/artifact-deletion";

export const artifactDeletion: typeof English = {
  title: (name) => `${name} löschen?`,
  intro:
    "Das lässt sich nicht rückgängig machen. Der Build, sein Log und seine anderen Artefakte bleiben. Weg ist dann:",
  file: (size) => (size ? `Die gespeicherte Datei: ${size}` : "Die gespeicherte Datei"),
  links: "Jeder Link darauf: Er führt sofort ins Leere",
  type: (name) => `Zur Bestätigung ${name} eintippen`,
  confirm: "Artefakt löschen",
  done: (name) => `${name} ist gelöscht`,
  gone: (name) => `${name} war schon weg`,
};
