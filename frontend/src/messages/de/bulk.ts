/** German words of `en/bulk`. */
import type { bulk as English } from "../en/bulk";

const num = (count: number) => count.toLocaleString("de");
const builds = (count: number) => (count === 1 ? "1 Build" : `${num(count)} Builds`);

export const bulk: typeof English = {
  label: "Ausgewählte Builds",
  selected: (count) => `${num(count)} ausgewählt`,
  all: (count) => `Alle ${num(count)} auswählen`,
  clear: "Auswahl aufheben",
  cancel: (count) => (count > 1 ? `${builds(count)} abbrechen` : "Abbrechen"),
  rerun: (count) => (count > 1 ? `${builds(count)} wiederholen` : "Wiederholen"),
  compare: "Vergleichen",
  noneActive: "Keiner der ausgewählten Builds wartet oder läuft.",
  noneEnded: "Keiner der ausgewählten Builds ist beendet.",
  denied: "In den Projekten der ausgewählten Builds nicht erlaubt.",
  notKnown: "Was in ihren Projekten erlaubt ist, ist noch nicht bekannt.",
  cancelMatrix: (count) =>
    count === 1
      ? "Den einen abbrechen, der nicht beendet ist"
      : `Die ${num(count)} abbrechen, die nicht beendet sind`,
  rerunMatrix: (count) =>
    count === 1
      ? "Den einen wiederholen, der nicht erfolgreich war"
      : `Die ${num(count)} wiederholen, die nicht erfolgreich waren`,
  cancelTitle: (count) => `${builds(count)} abbrechen?`,
  cancelIntro: "Was diese Builds bisher getan haben, geht verloren:",
  more: (count) => `und ${num(count)} weitere`,
  canceled: (count) => `${builds(count)} abgebrochen`,
  canceledOf: (done, all, over) =>
    `${num(done)} von ${builds(all)} abgebrochen, ${over === 1 ? "1 war" : `${num(over)} waren`} schon beendet`,
  allOver: (count) => `Alle ${num(count)} Builds waren schon beendet`,
  wasOver: (name) => `Build ${name} war schon beendet`,
  queued: (count) => (count === 1 ? "1 Build wartet" : `${num(count)} Builds warten`),
  refused: (count, reasons) => `${builds(count)} abgelehnt: ${reasons}`,
};
