/** Words of what others see of a project's builds: at its code host, and on its badge. */
import { area } from "../language";

export const reporting = area("reporting", {
  title: "Results elsewhere",
  statuses: "Checks at the code host",
  statusesText: "Each build is shown at its commit, with what failed in it.",
  comment: "A comment on pull and merge requests",
  commentText: "One comment with the results and files of the newest commit, kept up to date.",
  badge: "Public badge",
  badgeText: "Everybody who knows its address can see whether the default branch builds, and nothing else.",
  alt: "build",
  snippet: "Markdown for a README",
  saved: "Saved",
});
