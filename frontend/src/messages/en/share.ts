/** Words of links to an artifact that are handed on, and of artifacts that retention took; loaded when they are needed. */
import { area } from "../language";

export const share = area("share", {
  title: (name: string) => `Share ${name}`,
  text: "A link opens this one file without signing in, until it expires, is revoked or was used up.",
  lifetime: "Good for",
  lifetimes: { "3600": "An hour", "86400": "A day", "604800": "A week" },
  single: "For one download only",
  singleText: "The first download uses it up. A preview of a chat program does not.",
  make: "Make a link",
  made: "Copy the link now: it is not shown again.",
  links: "Links to this file",
  linksName: "links",
  none: "No link has been made yet.",
  by: (email: string) => `by ${email}`,
  until: "until",
  used: "last used",
  never: "never used",
  once: "one download",
  state: { active: "Active", used: "Used up", expired: "Expired", revoked: "Revoked" },
  revoke: "Revoke",
  revokeOf: (prefix: string) => `Revoke the link ${prefix}`,
  revoked: "The link is revoked",
});
