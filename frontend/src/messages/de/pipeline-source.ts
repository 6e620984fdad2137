/** German words of `en/pipeline-source`. */
import type { pipelineSource as English } from "../en/pipeline-source";

export const pipelineSource: typeof English = {
  inRepository: (path) => `Im Repository unter ${path} gespeichert`,
  inRepositoryText:
    "Builds folgen der Datei ihres Commits; der Standard-Branch hat sie. Was hier steht, gilt nur für Commits ohne sie: zum Ändern das YAML kopieren und dort committen.",
  brokenTitle: (path) => `${path} im Repository hat Fehler`,
  brokenText:
    "Builds des Standard-Branches schlagen fehl, bis sie dort berichtigt ist. Was hier bearbeitet wird, ersetzt sie nicht.",
  here: "Hier gespeichert",
  hereText: (path) =>
    `Der Standard-Branch hat noch keine ${path}, daher folgen Builds dem, was hier bearbeitet wird. Sobald die Datei committet ist, gilt sie.`,
  either: (path) => `Hier gespeichert, außer das Repository hat ${path}`,
  eitherText: "Builds folgen der Datei, wenn ihr Commit sie hat, sonst dem, was hier bearbeitet wird.",
  notLooked: "Ob der Standard-Branch sie hat, ließ sich nicht nachsehen.",
};
