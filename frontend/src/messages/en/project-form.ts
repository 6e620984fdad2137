/** Words of making a project, loaded with the pages that do it. */
import { area } from "../language";

export const projectForm = area("projectForm", {
  title: "New project",
  folder: "Folder",
  folderHelp: "The folder of a git repository on the machine that runs Oore CI.",
  folderPath: "Path",
  go: "Go",
  up: "Up one folder",
  useThis: "Use this folder",
  isRepo: "git repository",
  notRepo: "Not a git repository. Open a folder that is one.",
  quick: "Places",
  home: "Home folder",
  emptyFolder: "No folders in here.",
  chosen: "Chosen",
  change: "Choose another",
  name: "Name",
  nameHelp: "How people will call it.",
  branchHelp:
    "Builds use this branch unless another is asked for. Left empty, the repository's own is taken.",
  looking: "What the repository holds is being looked at. It takes a moment.",
  submit: "Create project",
  created: (name: string) => `Project ${name} created`,
  loopback:
    "Folders can be browsed only on the machine that runs Oore CI. Open this page there, or type the path.",
});
