/** Words of the look at what changes before a pipeline is saved; loaded with it. */
import { area } from "../language";

export const pipelineReview = area("pipelineReview", {
  title: "Save these changes?",
  changes: "Changes",
  settings: "Settings",
  setting: "Setting",
  was: "Was",
  becomes: "Becomes",
  none: "none",
  yes: "yes",
  no: "no",
  yaml: "What to build, as YAML",
  added: "Added:",
  removed: "Removed:",
  gap: (count: number) => (count === 1 ? "1 line is the same" : `${count} lines are the same`),
  save: "Save these changes",
  back: "Go on editing",
  nothingTitle: "Nothing to save",
  nothingText: "What is typed here is what is stored.",
});
