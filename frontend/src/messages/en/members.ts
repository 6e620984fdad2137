/** Words of the members of a project. */
import { area } from "../language";

export const members = area("members", {
  title: "Members",
  name: "members",
  implicit: "Owners and admins of the instance are maintainers of every project without being listed here.",
  readOnly: "Maintainers of the project change this list.",
  emptyTitle: "No members yet",
  emptyText: "Add people so that they see this project. Nobody else knows of it, except owners and admins.",
  columns: { person: "Person", role: "Role in the project", since: "Since", actions: "Actions" },
  roleOf: (email: string) => `Role of ${email}`,
  onInstance: (role: string) => `${role} on the instance`,
  capped: "As a QA viewer never more than a viewer",
  changed: (email: string, role: string) => `${email} is now ${role} of the project`,
  add: {
    open: "Add member",
    title: "Add a member",
    search: "Search people",
    searchPlaceholder: "E-mail or name",
    who: "Person",
    whoMissing: "Choose a person.",
    role: "Role",
    submit: "Add",
    none: "Everybody who has an account is a member already.",
    noMatch: "Nobody fits the search.",
    more: (count: number) => `${count} more: search to find them.`,
    done: (email: string) => `${email} is a member now`,
    name: "people",
  },
  remove: {
    open: "Remove",
    label: (email: string) => `Remove ${email}`,
    title: (email: string) => `Remove ${email}?`,
    intro: "From this project only:",
    consequences: ["They no longer see it or its builds", "Their open pages of it stop updating"],
    done: (email: string) => `${email} is no longer a member`,
  },
});
