/** German words of `en/pipeline-detail`. */
import type { pipelineDetail as English } from "../en/pipeline-detail";

export const pipelineDetail: typeof English = {
  configuration: "Konfiguration",
  file: "Konfigurationsdatei",
  fileFixed: "aus dem Repository gelesen",
  fileAuto: "gilt, wenn das Repository sie hat",
  platforms: "Plattformen",
  flutter: "Flutter-Version",
  commands: "Befehle",
  defaultCommands: "Der Flutter-Build der Plattform",
  env: "Umgebungsvariablen",
  artifacts: "Aufzuhebende Dateien",
  triggers: "Auslöser",
  manual: "Von Hand und über die API",
  runnerLabels: "Runner-Labels",
  anyRunner: "keine: jeder Runner, der sie bauen kann",
  concurrency: "Gleichzeitigkeit",
  unlimited: "Unbegrenzt",
  atMost: (count) => (count === 1 ? "Ein Build zur selben Zeit" : `${count} Builds zur selben Zeit`),
  cancelPrevious: "ältere Builds eines Branches werden abgebrochen",
  builds: "Builds",
  none: "keine",
  deleteTitle: (name) => `Pipeline ${name} löschen?`,
  deleteConsequences: (builds) => [
    `Ihre Einstellungen, auch die zum Signieren`,
    `${builds} samt Logs und Artefakten`,
  ],
  deleted: (name) => `Pipeline ${name} gelöscht`,
  delete: "Pipeline löschen",
};
