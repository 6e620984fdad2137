/** Words of what is wrong with a source, and what repairs it. */
import { area } from "../language";

export const sourceTrouble = area("sourceTrouble", {
  error: "This source does not work",
  unknown: "The code host does not accept its credential.",
  consequence: "Builds of its repositories can't start until it is repaired.",
  soon: "Its credential ends soon",
  inactive: "The application is not authorised yet",
  authorize: "Authorise at GitLab",
  inactiveText: "Go to GitLab and agree that this instance reads your projects. You come back here.",
  notInstalled: "The app is not installed yet",
  notInstalledText:
    "GitHub has made the app, but it sees no account. Install it where your repositories are; GitHub sends you back here.",
  install: "Install it at GitHub",
  again: "Connect it again",
  againText: "Connect GitHub once more and disconnect this source afterwards.",
});
