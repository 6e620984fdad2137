/**
 * Paints one row of a log: text nodes and class names only, never HTML. A row element is reused for other lines; it must
 * keep nothing of the line before.
 */
import type { Segment } from "@/lib/ansi/parse";
import type { RowView, StepView } from "./messages";
import { type LineAddress, linkPlaces } from "./places";
import { matchRanges } from "./query";

/** A step without an end is running only as long as its build is. */
export type ShownStatus = StepView["status"] | "canceled";

/** Words and formats that rows show; they come from the page's catalogue. */
export interface RowWords {
  lineLabel(number: number): string;
  cutNote(bytes: number): string;
  /** The time of day. */
  time(ms: number): string;
  /** How long after the step began. */
  since(ms: number): string;
  stepStatus(status: ShownStatus): string;
  stepLines(lines: number): string;
}

/** What stands before a line: nothing, how far into its step it came, or when. */
export type LogTimes = "off" | "step" | "clock";

export interface RowStyle {
  readonly words: RowWords;
  readonly marks: RegExp | null;
  readonly times: LogTimes;
  readonly build: "active" | "ended";
  /** Where code stands that a line names; null if it can't be opened. */
  readonly address: LineAddress | null;
}

const shownStatus = ({ status }: StepView, build: RowStyle["build"]): ShownStatus =>
  status === "running" && build === "ended" ? "canceled" : status;

function segmentElement(segment: Segment, text: string): Node {
  if (segment.href !== undefined) {
    const link = document.createElement("a");
    link.href = segment.href;
    link.target = "_blank";
    link.rel = "noopener noreferrer";
    link.className = `log-link ${segment.className}`;
    link.textContent = text;
    return link;
  }
  if (segment.className === "") return document.createTextNode(text);
  const span = document.createElement("span");
  span.className = segment.className;
  span.textContent = text;
  return span;
}

function marked(node: Node): HTMLElement {
  const mark = document.createElement("mark");
  mark.append(node);
  return mark;
}

/** Cuts segments at the ends of matches, so that a match over several colours is marked in each. */
function paintMarked(target: HTMLElement, segments: readonly Segment[], pattern: RegExp): void {
  const ranges = matchRanges(segments.map((segment) => segment.text).join(""), pattern);
  let offset = 0;
  for (const segment of segments) {
    const end = offset + segment.text.length;
    let from = offset;
    for (const [start, stop] of ranges) {
      if (stop <= from || start >= end) continue;
      if (start > from)
        target.append(segmentElement(segment, segment.text.slice(from - offset, start - offset)));
      const markFrom = Math.max(start, from);
      const markTo = Math.min(stop, end);
      target.append(marked(segmentElement(segment, segment.text.slice(markFrom - offset, markTo - offset))));
      from = markTo;
    }
    if (from < end) target.append(segmentElement(segment, segment.text.slice(from - offset)));
    offset = end;
  }
}

/** The whole search, also where it is empty: a bare hash would keep the step that the page's address names. */
function lineHref({ number }: RowView, step: StepView | undefined): string {
  return `?${step?.name ? `step=${encodeURIComponent(step.name)}` : ""}#L${number}`;
}

function lineNumber(row: RowView, step: StepView | undefined, words: RowWords): HTMLElement {
  const link = document.createElement("a");
  link.className = "log-number";
  link.href = lineHref(row, step);
  // One tab stop a line would bury the page; links to lines are also made with the keyboard from the toolbar.
  link.tabIndex = -1;
  link.textContent = String(row.number);
  link.setAttribute("aria-label", words.lineLabel(row.number));
  return link;
}

function timeOf({ time }: RowView, step: StepView | undefined, { times, words }: RowStyle): string {
  if (time <= 0) return "";
  if (times === "clock") return words.time(time);
  const began = step?.startedAt ?? 0;
  return began > 0 ? words.since(Math.max(0, time - began)) : "";
}

function paintLine(element: HTMLElement, row: RowView, step: StepView | undefined, style: RowStyle): void {
  const text = document.createElement("span");
  text.className = "log-text";
  const segments = style.address ? linkPlaces(row.segments, style.address) : row.segments;
  if (style.marks === null)
    for (const segment of segments) text.append(segmentElement(segment, segment.text));
  else paintMarked(text, segments, style.marks);
  if (row.cut > 0) {
    const note = document.createElement("span");
    note.className = "log-cut";
    note.textContent = ` ${style.words.cutNote(row.cut)}`;
    text.append(note);
  }
  element.append(lineNumber(row, step, style.words));
  if (style.times !== "off") element.append(part("log-time", timeOf(row, step, style)));
  element.append(text);
}

function part(className: string, text: string): HTMLElement {
  const span = document.createElement("span");
  span.className = className;
  span.textContent = text;
  return span;
}

function paintHeading(element: HTMLElement, step: StepView, { words, build }: RowStyle): void {
  const status = shownStatus(step, build);
  const button = document.createElement("button");
  button.type = "button";
  button.className = "log-fold";
  button.setAttribute("aria-expanded", String(!step.folded));
  button.append(
    part("log-step-name", step.name),
    part("log-step-command", step.command),
    part("log-step-lines", words.stepLines(step.lines)),
    part(`log-step-status log-step-${status}`, words.stepStatus(status)),
  );
  element.append(button);
}

/** What must be equal for an element to be left as it is. */
export function paintKey(row: RowView, step: StepView | undefined): string {
  if (row.line >= 0 || !step) return row.key;
  return `${row.key}:${step.status}:${step.folded}:${step.lines}`;
}

export function paintRow(
  element: HTMLElement,
  row: RowView,
  step: StepView | undefined,
  style: RowStyle,
): void {
  element.replaceChildren();
  element.dataset.line = String(row.line);
  element.dataset.step = String(row.step);
  element.className = row.line < 0 ? "log-row log-heading" : "log-row";
  if (row.line < 0 && step) paintHeading(element, step, style);
  else paintLine(element, row, step, style);
}
