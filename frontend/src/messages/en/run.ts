/** Words of starting a build: which pipeline, and how. Loaded with the dialogs. */
import { area } from "../language";

export const runWords = area("runWords", {
  title: (pipeline: string) => `Run ${pipeline}`,
  branch: "Branch",
  branchHelp: "Left empty, the default branch is built.",
  commit: "Commit",
  commitHelp: "Full or short hash. Left empty, the newest commit of the branch.",
  platforms: "Platforms",
  inputs: "Inputs of this pipeline",
  noChoice: "None",
  submit: "Run build",
  queued: (number: number, count: number) =>
    count > 1 ? `${count} builds queued` : `Build #${number} queued`,
  place: (line: number, column?: number | null) =>
    column ? `line ${line}, column ${column}` : `line ${line}`,
  invalidFile: (path: string) => `${path} has errors at this commit: a build of it will fail`,
});

export const rerunWords = area("rerunWords", {
  title: (number: number) => `Run #${number} again`,
  name: "inputs",
  fromStep: (step: string) => `From the failed step: ${step}`,
  fromStepText: "The steps before it are skipped.",
  submit: "Re-run",
});

export const runPicker = area("runPicker", {
  title: "Run a build",
  project: "Project",
  pipeline: "Pipeline",
  choose: "Choose…",
  next: "Continue",
  none: "This project has no pipeline that can run.",
  noProjects: "There is no project in which you may start builds.",
});
