/** German words of `en/sources`. */
import type { sources as English } from "../en/sources";

export const sources: typeof English = {
  name: "Quellen",
  search: "Quellen suchen",
  searchPlaceholder: "Name oder Adresse",
  provider: "Art",
  anyProvider: "Alle",
  emptyTitle: "Noch ist kein Code-Host verbunden",
  emptyText:
    "GitHub oder GitLab verbinden: Ein Push startet dann den richtigen Build, und der Commit zeigt das Ergebnis.",
  emptyReadOnly: "Das kann ein Owner oder Admin dieser Instanz.",
  synced: "Gelesen",
  neverSynced: "Nie gelesen",
  installedTitle: "GitHub hat die App installiert",
  installedText: "Ihre Quelle öffnen und die Repositorys lesen, damit sie gebaut werden können.",
  broken: "Der Code-Host nimmt ihre Zugangsdaten nicht an.",
};
