/** German words of `en/run`. */
import type { runWords as English, runPicker as English2, rerunWords as EnglishRerun } from "../en/run";

export const runWords: typeof English = {
  title: (pipeline) => `${pipeline} starten`,
  branch: "Branch",
  branchHelp: "Leer: der Standard-Branch.",
  commit: "Commit",
  commitHelp: "Langer oder kurzer Hash. Leer: der neueste Commit des Branches.",
  platforms: "Plattformen",
  inputs: "Eingaben dieser Pipeline",
  noChoice: "Keine",
  submit: "Build starten",
  queued: (number, count) => (count > 1 ? `${count} Builds warten` : `Build #${number} wartet`),
  place: (line, column) => (column ? `Zeile ${line}, Spalte ${column}` : `Zeile ${line}`),
  invalidFile: (path) => `${path} hat in diesem Commit Fehler: Ein Build davon schlägt fehl`,
};

export const rerunWords: typeof EnglishRerun = {
  title: (number) => `#${number} wiederholen`,
  name: "Eingaben",
  fromStep: (step) => `Ab dem fehlgeschlagenen Schritt: ${step}`,
  fromStepText: "Die Schritte davor werden übersprungen.",
  submit: "Wiederholen",
};

export const runPicker: typeof English2 = {
  title: "Build starten",
  project: "Projekt",
  pipeline: "Pipeline",
  choose: "Wählen …",
  next: "Weiter",
  none: "Dieses Projekt hat keine Pipeline, die laufen kann.",
  noProjects: "Es gibt kein Projekt, in dem du Builds starten darfst.",
};
