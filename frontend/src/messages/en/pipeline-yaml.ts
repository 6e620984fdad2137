/** Words of the pipeline form, loaded with it: its YAML mode, and what others change meanwhile. Those of the editor come with that. */
import { area } from "../language";

export const pipelineYaml = area("pipelineYaml", {
  mode: "Edit the settings as",
  form: "Form",
  yaml: "YAML",
  title: "What to build",
  help: "The settings in the shape of an .oore.yaml of version 1. The instance keeps what they say, not the text: comments are gone once the pipeline is saved.",
  loading: "Loading the editor…",
  notLoaded: "The editor could not be loaded. Check the connection, then try again or reload the page.",
  tooMuch: "The text stands for more than can be read here: look at its aliases (*name).",
  twoUnsaved:
    "A text of version 2 can be neither saved here nor shown in the form. Commit it to the repository, or go back to the settings.",
  notValid: "The text has errors, so it was kept as it is. Mend what is marked first.",
  beyondForm: (paths: string) =>
    `The form has one entry a line, so it can't show ${paths}: there are several lines in one entry, or spaces at its ends. Edit it as YAML.`,
  changedMeanwhile: "Somebody changed this pipeline while you edit it",
  changedMeanwhileText: "What you save replaces all of its settings, theirs too.",
  takeTheirs: "Reload, and lose my changes",
  keepMine: "Keep mine",
  inText: (count: number) => (count === 1 ? "One problem in the YAML." : `${count} problems in the YAML.`),
});
