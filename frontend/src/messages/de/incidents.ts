/** German words of `en/incidents`. */
import type { incidents as English } from "../en/incidents";

export const incidents: typeof English = {
  open: (unread, worst) => {
    if (unread === 0) return "Störungen: nichts Neues";
    const count = unread === 1 ? "1 ungelesene Störung" : `${unread} ungelesene Störungen`;
    return worst ? `${count}, ${worst}` : count;
  },
  unknown: "Störungen konnten nicht geladen werden",
  worst: { info: "zur Kenntnis", warning: "mit einer Warnung", critical: "eine ist kritisch" },
  title: "Störungen",
  name: "Störungen",
  none: "Alle Quellen funktionieren.",
  severity: { info: "Hinweis", warning: "Warnung", critical: "Kritisch" },
  reason: {
    expired: "Die Zugangsdaten sind abgelaufen. Builds können nicht starten.",
    rejected: "Der Code-Host lehnt die Zugangsdaten ab. Builds können nicht starten.",
    refresh_failed: "Die Autorisierung konnte nicht erneuert werden. Builds können nicht starten.",
    expiring: "Die Zugangsdaten laufen bald ab.",
    reports_refused: "Die Quelle lässt keine Ergebnisse melden. Builds sind nicht betroffen.",
    reports_undelivered: "Seit einem Tag ließen sich keine Ergebnisse melden. Builds sind nicht betroffen.",
  },
  since: "seit",
  times: (count) => `${count}-mal festgestellt`,
  read: "Als gelesen markieren",
  readOf: (name) => `Als gelesen markieren: ${name}`,
  readAll: "Alle als gelesen markieren",
  sources: "Alle Quellen",
};
