/** German words of `en/source-credential`. */
import type { sourceCredential as English } from "../en/source-credential";

export const sourceCredential: typeof English = {
  title: "Zugangsdaten",
  status: {
    valid: "Funktionieren",
    expiring: "Laufen bald ab",
    expired: "Abgelaufen",
    rejected: "Von GitLab abgelehnt",
    unknown: "GitLab hat nicht geantwortet",
  },
  ends: "Enden",
  noEnd: "GitLab nennt kein Ende",
  checked: "Geprüft",
  daily:
    "Geprüft wird einmal am Tag. Owner und Admins erfahren, wenn sie nicht mehr gelten oder bald ablaufen.",
  check: "Jetzt prüfen",
  replace: "Token ersetzen",
  authorizeAgain: "Neu autorisieren",
  authorizeReports: "Mit Ergebnissen autorisieren",
  reportsToken: "Um bei GitLab Ergebnisse zu zeigen, braucht das Token den Scope api.",
  reportsApplication:
    "Um bei GitLab Ergebnisse zu zeigen, braucht die Anwendung dort den Scope api und eine Autorisierung damit.",
};
