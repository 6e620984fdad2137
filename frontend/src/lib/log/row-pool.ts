/**
 * The row elements of a log: those that still show what they should are left alone, the others are used again. Above them
 * the heading of the step at the top. It must not ask for lines nor know how far the log is scrolled.
 */
import type { RowView, StepView, WindowView } from "./messages";
import { paintKey, paintRow, type RowStyle } from "./row";

export class RowPool {
  readonly box = document.createElement("div");
  readonly sticky = document.createElement("div");
  readonly stickyRow = document.createElement("div");
  private readonly byKey = new Map<string, HTMLElement>();
  private readonly spare: HTMLElement[] = [];
  private styleVersion = 0;
  private stickyKey = "";

  constructor(
    private style: RowStyle,
    /** Takes the focus of a row that goes. */
    private readonly heir: HTMLElement,
  ) {
    this.box.className = "log-rows";
    this.sticky.className = "log-sticky";
    this.sticky.append(this.stickyRow);
  }

  get rows(): Iterable<HTMLElement> {
    return this.byKey.values();
  }

  /** From now on every row is painted anew. */
  restyle(change: Partial<RowStyle> = {}): void {
    this.style = { ...this.style, ...change };
    this.styleVersion++;
    this.stickyKey = "";
  }

  show(view: WindowView, rowPx: number, shift: number): void {
    const keys = view.rows.map((row) => `${this.styleVersion}:${paintKey(row, view.steps[row.step])}`);
    this.release(new Set(keys));
    let cursor = this.box.firstElementChild;
    view.rows.forEach((row, i) => {
      const element = this.elementFor(keys[i] ?? "", row, view.steps[row.step]);
      element.style.transform = `translateY(${row.unit * rowPx + shift}px)`;
      element.style.height = `${row.units * rowPx}px`;
      if (element === cursor) cursor = cursor.nextElementSibling;
      else this.box.insertBefore(element, cursor);
    });
  }

  /** The heading of the step at the top, as soon as the heading itself has gone out of sight. */
  showSticky(topRow: RowView | undefined, steps: readonly StepView[]): void {
    const step = topRow && topRow.line >= 0 && topRow.step > 0 ? steps[topRow.step] : undefined;
    const key = step ? paintKey(headingOf(step), step) : "";
    this.sticky.hidden = !step;
    if (!step || key === this.stickyKey) return;
    this.stickyKey = key;
    paintRow(this.stickyRow, headingOf(step), step, this.style);
  }

  private release(needed: ReadonlySet<string>): void {
    for (const [key, element] of this.byKey) {
      if (needed.has(key)) continue;
      if (element.contains(document.activeElement)) this.heir.focus({ preventScroll: true });
      element.remove();
      this.byKey.delete(key);
      this.spare.push(element);
    }
  }

  private elementFor(key: string, row: RowView, step: StepView | undefined): HTMLElement {
    const known = this.byKey.get(key);
    if (known) return known;
    const element = this.spare.pop() ?? document.createElement("div");
    paintRow(element, row, step, this.style);
    this.byKey.set(key, element);
    return element;
  }
}

function headingOf({ index }: StepView): RowView {
  return {
    key: `step-${index}`,
    step: index,
    line: -1,
    number: 0,
    unit: 0,
    units: 0,
    segments: [],
    cut: 0,
    time: 0,
  };
}
