/** German words of `en/reporting`. */
import type { reporting as English } from "../en/reporting";

export const reporting: typeof English = {
  title: "Ergebnisse anderswo",
  statuses: "Prüfungen beim Code-Host",
  statusesText: "Jeder Build erscheint an seinem Commit, mit dem, was fehlschlug.",
  comment: "Ein Kommentar an Pull und Merge Requests",
  commentText: "Ein Kommentar mit Ergebnissen und Dateien des neuesten Commits, immer aktuell.",
  badge: "Öffentliches Badge",
  badgeText: "Wer die Adresse kennt, sieht, ob der Standard-Branch baut, und sonst nichts.",
  alt: "build",
  snippet: "Markdown für eine README",
  saved: "Gespeichert",
};
