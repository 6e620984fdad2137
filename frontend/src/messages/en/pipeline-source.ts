/** Words of where the settings of a pipeline come from: the repository's file, or here. */
import { area } from "../language";

export const pipelineSource = area("pipelineSource", {
  inRepository: (path: string) => `Stored in the repository at ${path}`,
  inRepositoryText:
    "Builds follow the file of their commit, and the default branch has one. What you edit here counts only for commits without it; to change what is built, copy the YAML and commit it there.",
  brokenTitle: (path: string) => `${path} in the repository has errors`,
  brokenText:
    "Builds of the default branch fail until it is mended there. What you edit here doesn't take its place.",
  here: "Stored here",
  hereText: (path: string) =>
    `The default branch has no ${path} yet, so builds follow what you edit here. Once the file is committed, it counts instead.`,
  either: (path: string) => `Stored here, unless the repository has ${path}`,
  eitherText: "Builds follow the file if their commit has it, and what you edit here if not.",
  notLooked: "Whether the default branch has it could not be looked up.",
});
