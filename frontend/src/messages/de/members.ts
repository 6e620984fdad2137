/** German words of `en/members`. */
import type { members as English } from "../en/members";

export const members: typeof English = {
  title: "Mitglieder",
  name: "Mitglieder",
  implicit: "Owner und Admins der Instanz sind Maintainer jedes Projekts, ohne hier zu stehen.",
  readOnly: "Diese Liste ändern die Maintainer des Projekts.",
  emptyTitle: "Noch keine Mitglieder",
  emptyText:
    "Personen hinzufügen, damit sie dieses Projekt sehen. Außer Owner und Admins kennt es sonst niemand.",
  columns: { person: "Person", role: "Rolle im Projekt", since: "Seit", actions: "Aktionen" },
  roleOf: (email) => `Rolle von ${email}`,
  onInstance: (role) => `${role} auf der Instanz`,
  capped: "Als QA-Viewer nie mehr als Viewer",
  changed: (email, role) => `${email} ist jetzt ${role} des Projekts`,
  add: {
    open: "Mitglied hinzufügen",
    title: "Mitglied hinzufügen",
    search: "Personen suchen",
    searchPlaceholder: "E-Mail oder Name",
    who: "Person",
    whoMissing: "Eine Person wählen.",
    role: "Rolle",
    submit: "Hinzufügen",
    none: "Alle, die ein Konto haben, sind schon Mitglied.",
    noMatch: "Niemand passt zur Suche.",
    more: (count) => `${count} weitere: über die Suche zu finden.`,
    done: (email) => `${email} ist jetzt Mitglied`,
    name: "Personen",
  },
  remove: {
    open: "Entfernen",
    label: (email) => `${email} entfernen`,
    title: (email) => `${email} entfernen?`,
    intro: "Nur aus diesem Projekt:",
    consequences: [
      "Projekt und Builds sind für die Person nicht mehr sichtbar",
      "Offene Seiten davon aktualisieren sich nicht mehr",
    ],
    done: (email) => `${email} ist nicht mehr Mitglied`,
  },
};
