/** Words of what is done to several builds at once, loaded with the first ticked row or with a matrix. */
import { area } from "../language";

const builds = (count: number) => (count === 1 ? "1 build" : `${count} builds`);

export const bulk = area("bulk", {
  label: "Selected builds",
  selected: (count: number) => `${count} selected`,
  all: (count: number) => `Select all ${count}`,
  clear: "Clear the selection",
  cancel: (count: number) => (count > 1 ? `Cancel ${builds(count)}` : "Cancel"),
  rerun: (count: number) => (count > 1 ? `Re-run ${builds(count)}` : "Re-run"),
  compare: "Compare",
  noneActive: "None of the selected builds waits or runs.",
  noneEnded: "None of the selected builds has ended.",
  denied: "You may not do this in the projects of the selected builds.",
  notKnown: "What you may do in their projects has not been read yet.",
  cancelMatrix: (count: number) => `Cancel the ${count} that are not over`,
  rerunMatrix: (count: number) => `Run the ${count} again that did not succeed`,
  cancelTitle: (count: number) => `Cancel ${builds(count)}?`,
  cancelIntro: "What these builds have done so far is lost:",
  more: (count: number) => `and ${count} more`,
  canceled: (count: number) => `${builds(count)} canceled`,
  queued: (count: number) => `${builds(count)} queued`,
  refused: (count: number, reasons: string) => `${builds(count)} refused: ${reasons}`,
});
