/** German words of `en/daemon-messages`. */
import type { daemonMessages as English } from "../en/daemon-messages";

export const daemonMessages: typeof English = {
  list: "Meldungen des Daemons",
  name: "Meldungen",
  refresh: "Neu laden",
  copy: "Als Text kopieren",
  level: "Stufe",
  levels: { all: "Alle", warn: "Warnungen und Fehler", error: "Nur Fehler" },
  levelNames: { error: "Fehler", warn: "Warnung", info: "Info" },
  q: "Text",
  placeholder: "Meldung, Feld, Anfrage-ID",
  when: "Wann",
  copyField: (name) => `${name} kopieren`,
  empty: "Noch nichts",
  emptyText: "Der Daemon hat seit seinem Start nichts gemeldet.",
  newest: (count) => `Das sind die neuesten ${count.toLocaleString("de")}.`,
  older: "Auch ältere anzeigen",
};
