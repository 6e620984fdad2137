/** Names of roles and what each may do, in short. The whole truth is the server's; nothing here decides anything. */
import { area } from "../language";

export const roles = area("roles", {
  you: "you",
  instance: { owner: "Owner", admin: "Admin", developer: "Developer", qa_viewer: "QA viewer" },
  project: { maintainer: "Maintainer", developer: "Developer", viewer: "Viewer" },
  instanceText: {
    owner:
      "Everything. The owner alone promotes or changes admins and decides how people sign in. There is exactly one, and it stays.",
    admin:
      "Manages people, projects, runners and settings, and reads the audit log. Cannot change the owner or other admins.",
    developer:
      "Runs and cancels builds and changes pipelines in projects they are a member of. Makes own API tokens.",
    qa_viewer: "Sees builds and installs artifacts of projects they are a member of. Changes nothing.",
  },
  projectText: {
    maintainer: "Changes the project, its pipelines and its members.",
    developer: "Runs and cancels builds, changes pipelines.",
    viewer: "Sees builds and downloads artifacts.",
  },
  status: { active: "Active", invited: "Invited", disabled: "Disabled" },
});
