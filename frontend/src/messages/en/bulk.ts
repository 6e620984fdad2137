/** Words of what is done to several builds at once, loaded with the first ticked row or with a matrix. */
import { area, locale } from "../language";

const num = (count: number) => count.toLocaleString(locale);
const builds = (count: number) => (count === 1 ? "1 build" : `${num(count)} builds`);

export const bulk = area("bulk", {
  label: "Selected builds",
  selected: (count: number) => `${num(count)} selected`,
  all: (count: number) => `Select all ${num(count)}`,
  clear: "Clear the selection",
  cancel: (count: number) => (count > 1 ? `Cancel ${builds(count)}` : "Cancel"),
  rerun: (count: number) => (count > 1 ? `Re-run ${builds(count)}` : "Re-run"),
  compare: "Compare",
  noneActive: "None of the selected builds waits or runs.",
  noneEnded: "None of the selected builds has ended.",
  denied: "You may not do this in the projects of the selected builds.",
  notKnown: "What you may do in their projects has not been read yet.",
  cancelMatrix: (count: number) =>
    count === 1 ? "Cancel the one that is not over" : `Cancel the ${num(count)} that are not over`,
  rerunMatrix: (count: number) =>
    count === 1
      ? "Run the one again that did not succeed"
      : `Run the ${num(count)} again that did not succeed`,
  cancelTitle: (count: number) => `Cancel ${builds(count)}?`,
  cancelIntro: "What these builds have done so far is lost:",
  more: (count: number) => `and ${num(count)} more`,
  canceled: (count: number) => `${builds(count)} canceled`,
  canceledOf: (done: number, all: number, over: number) =>
    `${num(done)} of ${builds(all)} canceled, ${over === 1 ? "1 was" : `${num(over)} were`} over already`,
  allOver: (count: number) => `All ${num(count)} builds were over already`,
  wasOver: (name: string) => `Build ${name} was over already`,
  queued: (count: number) => `${builds(count)} queued`,
  refused: (count: number, reasons: string) => `${builds(count)} refused: ${reasons}`,
});
