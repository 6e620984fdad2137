/** German words of `en/triggers`. */
import type { triggers as English } from "../en/triggers";

export const triggers: typeof English = {
  local:
    "Commits im Ordner starten einen Build von dem, was hier gewählt ist oder in der Datei der Pipeline steht.",
  tags: "Tags",
  tagsHelp: "Ein Muster je Zeile, zum Beispiel v*. Leer: alle Tags, außer Branches sind aufgeführt.",
  paths: "Dateien, die zählen",
  pathsHelp: "Ein Muster je Zeile, zum Beispiel lib/**. Leer: jede geänderte Datei startet einen Build.",
  pathsIgnore: "Dateien, die nicht zählen",
  pathsIgnoreHelp: "Ein Muster je Zeile, zum Beispiel **/*.md.",
  schedule: "Zeitplan",
  scheduleHelp:
    "Eine Zeit je Zeile: Minute, Stunde, Tag, Monat, Wochentag, sonst UTC und Standard-Branch auch Zeitzone und Branch. Etwa 30 3 * * MON-FRI Europe/Rome.",
  scheduled: "Startet von selbst",
  scheduledNext: "Nächster",
  scheduledLast: "Letzter Build",
};
