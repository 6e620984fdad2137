/** German words of `en/pipeline-review`. */
import type { pipelineReview as English } from "../en/pipeline-review";

export const pipelineReview: typeof English = {
  title: "Diese Änderungen speichern?",
  changes: "Änderungen",
  settings: "Einstellungen",
  setting: "Einstellung",
  was: "War",
  becomes: "Wird",
  none: "nichts",
  yes: "ja",
  no: "nein",
  yaml: "Was gebaut wird, als YAML",
  added: "Neu:",
  removed: "Entfernt:",
  gap: (count) => (count === 1 ? "1 Zeile ist gleich" : `${count} Zeilen sind gleich`),
  save: "Diese Änderungen speichern",
  back: "Weiter bearbeiten",
  nothingTitle: "Nichts zu speichern",
  nothingText: "Was hier steht, ist schon gespeichert.",
};
