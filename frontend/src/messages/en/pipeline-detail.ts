/** Words of the page of a pipeline. */
import { area } from "../language";

export const pipelineDetail = area("pipelineDetail", {
  configuration: "Configuration",
  file: "Configuration file",
  fileFixed: "read from the repository",
  fileAuto: "used if the repository has it",
  platforms: "Platforms",
  flutter: "Flutter version",
  commands: "Commands",
  defaultCommands: "The platform's own Flutter build",
  env: "Environment variables",
  artifacts: "Files to keep",
  triggers: "Triggers",
  manual: "By hand and through the API",
  runnerLabels: "Runner labels",
  anyRunner: "none: any runner that can build it",
  concurrency: "Concurrency",
  unlimited: "No limit",
  atMost: (count: number) => (count === 1 ? "One build at a time" : `${count} builds at a time`),
  cancelPrevious: "older builds of a branch are canceled",
  builds: "Builds",
  none: "none",
  deleteTitle: (name: string) => `Delete pipeline ${name}?`,
  deleteConsequences: (builds: string) => [
    `Its settings, signing included`,
    `${builds} with their logs and artifacts`,
  ],
  deleted: (name: string) => `Pipeline ${name} deleted`,
  delete: "Delete pipeline",
});
