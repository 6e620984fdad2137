/**
 * Where each row of a log stands, in rows of one text line's height: step headings, lines, folded steps, and in wrap
 * mode lines that take several. Pure arithmetic over a store; must not know pixels or the page.
 */
import { parseAnsi } from "@/lib/ansi/parse";
import { NumberColumn } from "./columns";
import { clamp } from "./scroll";
import { type LogStore, MAX_LINE_BYTES } from "./store";

const GROUP_SHIFT = 8;
const GROUP = 1 << GROUP_SHIFT;
/** A step's heading is higher than a line: it is a button. */
export const HEADING_UNITS = 2;
/** Columns that the note behind a cut line takes. */
export const CUT_NOTE_COLUMNS = 48;

export interface LayoutRow {
  /** Index of the step the row belongs to. */
  readonly step: number;
  /** Line over the whole log, or -1 for a step's heading. */
  readonly line: number;
  readonly unit: number;
  readonly units: number;
}

export class LogLayout {
  /** Columns of text that fit a row; 0 = lines are not wrapped. */
  private wrapColumns = 0;
  private readonly folded = new Set<number>();
  private readonly widths: NumberColumn;
  private readonly groupEnds = new NumberColumn();
  private measured = 0;
  private measuredUnits = 0;

  constructor(private readonly store: LogStore) {
    this.widths = new NumberColumn(store.firstLine);
  }

  wrapAt(columns: number): void {
    if (columns === this.wrapColumns) return;
    this.wrapColumns = columns;
    this.measured = 0;
    this.measuredUnits = 0;
  }

  /** The lines before are no longer held. */
  drop(line: number): void {
    this.widths.drop(line);
    this.measured = 0;
    this.measuredUnits = 0;
  }

  /** Whether it has lines of which none is held. */
  isAway(step: number): boolean {
    const [first, end] = this.heldLines(step);
    return first >= end && this.store.linesOfStep(step) > 0;
  }

  setFolded(step: number, state: "folded" | "open"): void {
    if (state === "folded") this.folded.add(step);
    else this.folded.delete(step);
  }

  isFolded(step: number): boolean {
    return this.folded.has(step);
  }

  totalUnits(): number {
    const last = this.store.stepList.steps.length - 1;
    return this.unitOfStep(last) + this.unitsOfStep(last);
  }

  unitOfStep(step: number): number {
    let unit = 0;
    for (let i = 0; i < step; i++) unit += this.unitsOfStep(i);
    return unit;
  }

  /** Where a line stands; of a folded step, and of one whose lines are not held, where the step's heading does. */
  unitOfLine(line: number): number {
    const step = this.store.stepList.indexOfLine(line);
    const top = this.unitOfStep(step);
    const [first, end] = this.heldLines(step);
    if (this.folded.has(step) || first >= end) return top;
    return top + this.headingUnits(step) + this.before(clamp(line, first, end)) - this.before(first);
  }

  /** The rows that touch [from, to). */
  rows(from: number, to: number): LayoutRow[] {
    const rows: LayoutRow[] = [];
    let unit = 0;
    for (let step = 0; step < this.store.stepList.steps.length && unit < to; step++) {
      const units = this.unitsOfStep(step);
      if (unit + units > from) this.rowsOfStep(step, unit, from, to, rows);
      unit += units;
    }
    return rows;
  }

  private rowsOfStep(step: number, top: number, from: number, to: number, rows: LayoutRow[]): void {
    const heading = this.headingUnits(step);
    if (heading > 0 && top + heading > from) rows.push({ step, line: -1, unit: top, units: heading });
    if (this.folded.has(step)) return;
    const [first, end] = this.heldLines(step);
    const offset = top + heading - this.before(first);
    let line = this.lineAt(Math.max(0, from - offset), first, end);
    let unit = offset + this.before(line);
    while (line < end && unit < to) {
      const units = this.unitsOfLine(line);
      rows.push({ step, line, unit, units });
      unit += units;
      line++;
    }
  }

  /** The first line of [first, end) that reaches over `units` counted from the log's first line. */
  private lineAt(units: number, first: number, end: number): number {
    let low = first;
    let high = end;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.before(middle + 1) > units) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  private headingUnits(step: number): number {
    return step === 0 ? 0 : HEADING_UNITS;
  }

  private unitsOfStep(step: number): number {
    const heading = this.headingUnits(step);
    if (this.folded.has(step)) return heading;
    const [first, end] = this.heldLines(step);
    return heading + this.before(end) - this.before(first);
  }

  /** Those lines of a step that are held: [first, end). */
  private heldLines(step: number): [first: number, end: number] {
    const { firstLine, lineCount, stepList } = this.store;
    const first = stepList.steps[step]?.firstLine ?? 0;
    const end = stepList.steps[step + 1]?.firstLine ?? lineCount;
    return [clamp(first, firstLine, lineCount), clamp(end, firstLine, lineCount)];
  }

  /** Units of all lines that are held before `line`, headings and folds left aside. */
  private before(line: number): number {
    const { firstLine } = this.store;
    const index = line - firstLine;
    if (this.wrapColumns === 0) return index;
    this.measureGroups(index);
    const group = Math.min(index, this.measured) >> GROUP_SHIFT;
    let units = group === 0 ? 0 : this.groupEnds.get(group - 1);
    for (let i = group * GROUP; i < index; i++) units += this.unitsOfLine(firstLine + i);
    return units;
  }

  /** Groups count from the first line that is held. The open line still grows, so its group is never closed. */
  private measureGroups(index: number): void {
    const { firstLine, lineCount, hasOpenLine } = this.store;
    const settled = Math.min(index, lineCount - firstLine - (hasOpenLine ? 1 : 0));
    while (this.measured + GROUP <= settled) {
      for (let i = 0; i < GROUP; i++) {
        this.measuredUnits += this.unitsOfLine(firstLine + this.measured + i);
      }
      this.groupEnds.set(this.measured >> GROUP_SHIFT, this.measuredUnits);
      this.measured += GROUP;
    }
  }

  private unitsOfLine(line: number): number {
    if (this.wrapColumns === 0) return 1;
    return Math.max(1, Math.ceil(this.widthOf(line) / this.wrapColumns));
  }

  /** Kept per line, plus one so that 0 means unknown. The open line is measured anew each time: it grows. */
  private widthOf(line: number): number {
    const known = this.widths.get(line);
    if (known > 0) return known - 1;
    const width = this.measure(line);
    const isOpen = this.store.hasOpenLine && line === this.store.lineCount - 1;
    if (!isOpen) this.widths.set(line, width + 1);
    return width;
  }

  private measure(line: number): number {
    const [from, to] = this.store.range(line);
    if (to - from <= MAX_LINE_BYTES && this.isPrintableAscii(from, to)) return to - from;
    const { text, start, cut } = this.store.line(line);
    return parseAnsi(text, start).columns + (cut > 0 ? CUT_NOTE_COLUMNS : 0);
  }

  private isPrintableAscii(from: number, to: number): boolean {
    const bytes = this.store.bytes.slice(from, to);
    for (let i = 0; i < bytes.length; i++) {
      const byte = bytes[i] ?? 0;
      if (byte < 0x20 || byte > 0x7e) return false;
    }
    return true;
  }
}
