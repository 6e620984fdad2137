/**
 * A log as lines over bytes: grows by appending, answers any line at once. Lives in a worker; must not touch the page
 * and never keeps a line as a string.
 */
import { parseAnsi } from "@/lib/ansi/parse";
import { PLAIN, type SgrState } from "@/lib/ansi/sgr";
import { ByteBlocks, MAX_LOG_BYTES } from "./bytes";
import { NumberColumn } from "./columns";
import { MARKER_PREFIX_BYTES, StepList } from "./markers";
import type { TimePlace } from "./messages";

/** A longer line is shown up to here. */
export const MAX_LINE_BYTES = 16 * 1024;
/** How far back from the end of a line a carriage return is looked for. */
const PROGRESS_WINDOW = 64 * 1024;

const NEWLINE = 10;
const RETURN = 13;
const ESCAPE = 27;

const decoder = new TextDecoder();

export interface LineText {
  readonly text: string;
  /** Colours that the lines before left on. */
  readonly start: SgrState;
  /** Bytes left out because the line is too long. */
  readonly cut: number;
}

export class LogStore {
  readonly bytes = new ByteBlocks();
  readonly stepList = new StepList();
  /** Lines shown; a last line without its newline counts. */
  lineCount = 0;
  /** Whether the log grew over what a page can hold. */
  truncated = false;
  maxBytes = MAX_LOG_BYTES;
  /** Changes when the last line, still without its newline, grows. */
  openVersion = 0;

  /** Nothing more comes: a last line without its newline is as it is. */
  isOver = false;
  /** Bytes at which the runner began steps; null where nobody knows. */
  private stepStarts: Set<number> | null = null;
  private readonly starts = new NumberColumn();
  private readonly ends = new NumberColumn();
  private readonly states = new NumberColumn();
  /** Milliseconds since `timeBase`, plus one; 0 = unknown. */
  private readonly times = new NumberColumn();
  private timeBase = 0;
  /** What the server knows about times, for lines that came without one. */
  private places: readonly TimePlace[] = [];
  private open = false;
  private carried: SgrState = PLAIN;

  /** `at`: when the runner saw the bytes (unix ms), where it is known. */
  append(chunk: Uint8Array, at = 0): void {
    if (this.truncated || this.bytes.length + chunk.length > this.maxBytes) {
      this.truncated = true;
      return;
    }
    const base = this.bytes.length;
    this.bytes.append(chunk);
    let from = 0;
    for (let newline = chunk.indexOf(NEWLINE); newline !== -1; newline = chunk.indexOf(NEWLINE, from)) {
      this.begin(base + from, at);
      this.finish(base + newline, at);
      from = newline + 1;
    }
    if (from < chunk.length) {
      this.begin(base + from, at);
      this.ends.set(this.lineCount - 1, base + chunk.length);
      this.openVersion++;
    }
  }

  /** Says where in the bytes to come steps begin. The first `known` of them were appended before. */
  expectSteps(starts: readonly number[], known: number): void {
    const base = this.bytes.length - known;
    this.stepStarts ??= new Set();
    for (const start of starts) this.stepStarts.add(base + start);
  }

  /** A marker of this step comes next. It is true if the step is another one than before. */
  expectMarker(step: string): void {
    if (step !== this.stepList.last) this.stepStarts?.add(this.bytes.length);
  }

  line(index: number): LineText {
    const [from, to] = this.shownRange(index);
    const end = Math.min(to, from + MAX_LINE_BYTES);
    return {
      text: decoder.decode(this.bytes.slice(from, end)),
      start: this.states.get(index),
      cut: to - end,
    };
  }

  /** Bytes that a line takes as stored, for sizing only. */
  range(index: number): readonly [number, number] {
    return [this.starts.get(index), this.ends.get(index)];
  }

  /** When the line began (unix ms), 0 if unknown. */
  time(index: number): number {
    const time = this.times.get(index);
    return time === 0 ? this.placedTime(index) : this.timeBase + time - 1;
  }

  setTimes(places: readonly TimePlace[]): void {
    this.places = places;
  }

  /** Whether the last line still waits for its newline. */
  get hasOpenLine(): boolean {
    return this.open && !this.isOver;
  }

  linesOfStep(step: number): number {
    const first = this.stepList.steps[step]?.firstLine ?? 0;
    return (this.stepList.steps[step + 1]?.firstLine ?? this.lineCount) - first;
  }

  private placedTime(index: number): number {
    let low = 0;
    let high = this.places.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.places[middle]?.line ?? 0) <= index) low = middle + 1;
      else high = middle;
    }
    return this.places[low - 1]?.at ?? 0;
  }

  private begin(offset: number, at: number): void {
    if (this.open) return;
    const index = this.lineCount++;
    this.starts.set(index, offset);
    this.states.set(index, this.carried);
    if (at > 0) {
      if (this.timeBase === 0) this.timeBase = at;
      this.times.set(index, Math.max(0, at - this.timeBase) + 1);
    }
    this.open = true;
  }

  private finish(offset: number, at: number): void {
    const index = this.lineCount - 1;
    this.ends.set(index, offset);
    this.open = false;
    const place = this.stepStarts?.has(this.starts.get(index)) === false ? "within" : "may-begin";
    if (this.startsLikeMarker(index) && this.stepList.take(this.line(index).text, index, at, place)) {
      this.lineCount = index;
      this.times.set(index, 0);
      this.carried = PLAIN;
      return;
    }
    this.carryColours(index);
  }

  private carryColours(index: number): void {
    const start = this.starts.get(index);
    const length = this.ends.get(index) - start;
    if (length > PROGRESS_WINDOW) return;
    const bytes = this.bytes.slice(start, start + length);
    if (bytes.indexOf(ESCAPE) === -1) return;
    this.carried = parseAnsi(decoder.decode(bytes), this.carried).end;
  }

  private startsLikeMarker(index: number): boolean {
    const start = this.starts.get(index);
    if (this.bytes.at(start) !== MARKER_PREFIX_BYTES[0]) return false;
    if (this.ends.get(index) - start > MAX_LINE_BYTES) return false;
    return MARKER_PREFIX_BYTES.every((byte, i) => this.bytes.at(start + i) === byte);
  }

  /** A progress line rewrites itself with carriage returns: only its last state is shown. */
  private shownRange(index: number): readonly [number, number] {
    const start = this.starts.get(index);
    let end = this.ends.get(index);
    while (end > start && this.bytes.at(end - 1) === RETURN) end--;
    const windowStart = Math.max(start, end - PROGRESS_WINDOW);
    const last = this.bytes.slice(windowStart, end).lastIndexOf(RETURN);
    return [last === -1 ? start : windowStart + last + 1, end];
  }
}
