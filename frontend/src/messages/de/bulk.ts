/** German words of `en/bulk`. */
import type { bulk as English } from "../en/bulk";

const builds = (count: number) => (count === 1 ? "1 Build" : `${count} Builds`);

export const bulk: typeof English = {
  label: "Ausgewählte Builds",
  selected: (count) => `${count} ausgewählt`,
  all: (count) => `Alle ${count} auswählen`,
  clear: "Auswahl aufheben",
  cancel: (count) => (count > 1 ? `${builds(count)} abbrechen` : "Abbrechen"),
  rerun: (count) => (count > 1 ? `${builds(count)} wiederholen` : "Wiederholen"),
  compare: "Vergleichen",
  noneActive: "Keiner der ausgewählten Builds wartet oder läuft.",
  noneEnded: "Keiner der ausgewählten Builds ist beendet.",
  denied: "In den Projekten der ausgewählten Builds nicht erlaubt.",
  notKnown: "Was in ihren Projekten erlaubt ist, ist noch nicht bekannt.",
  cancelMatrix: (count) => `Die ${count} abbrechen, die nicht beendet sind`,
  rerunMatrix: (count) => `Die ${count} wiederholen, die nicht erfolgreich waren`,
  cancelTitle: (count) => `${builds(count)} abbrechen?`,
  cancelIntro: "Was diese Builds bisher getan haben, geht verloren:",
  more: (count) => `und ${count} weitere`,
  canceled: (count) => `${builds(count)} abgebrochen`,
  queued: (count) => (count === 1 ? "1 Build wartet" : `${count} Builds warten`),
  refused: (count, reasons) => `${builds(count)} abgelehnt: ${reasons}`,
};
