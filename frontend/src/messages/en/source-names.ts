/** Words of sources that every page about them uses. */
import { area } from "../language";

export const sourceNames = area("sourceNames", {
  title: "Sources",
  one: "source",
  connect: "Connect a source",
  providers: { github: "GitHub", gitlab: "GitLab", local_git: "This machine" },
  status: { active: "Connected", inactive: "Not finished", error: "Needs repair" },
  newTab: "(opens a new tab)",
  localTitle: "Code hosts need external access",
  localText:
    "This instance is reached on its own machine only, so no code host could tell it of a push. It builds folders of this machine. Let others in first; GitHub and GitLab can be connected then.",
  toAccess: "Open access settings",
  ownPageTitle: "This goes on at the instance's own page",
  ownPageText:
    "The code host sends you back to the instance itself, which serves a page of its own. Go on there; you may have to sign in.",
  toOwnPage: "Open it at the instance",
});
