/** How tall rows are in this browser. public/early.js applies the same value before the first paint, styles/rows.css says what it means. */
import { keptChoice } from "./kept-choice";

const CHOICES = ["comfortable", "compact"] as const;

export const rowsAre = keptChoice("oore.rows", CHOICES);

export function setRows(next: (typeof CHOICES)[number]): void {
  rowsAre.set(next);
  if (next === "compact") document.documentElement.dataset.rows = next;
  else delete document.documentElement.dataset.rows;
}
