/**
 * A log, or a part of one, as lines over bytes: grows by appending, answers any line at once. Lines are numbered over the
 * whole log. Lives in a worker; must not touch the page and never keeps a line as a string.
 */
import { parseAnsi } from "@/lib/ansi/parse";
import { PLAIN, type SgrState } from "@/lib/ansi/sgr";
import { ByteBlocks, MAX_LOG_BYTES } from "./bytes";
import { NumberColumn } from "./columns";
import { MARKER_PREFIX_BYTES, StepList } from "./markers";
import type { HeldPart, TimePlace } from "./messages";

/** A longer line is shown up to here. */
export const MAX_LINE_BYTES = 16 * 1024;
/** How far back from the end of a line a carriage return is looked for. */
const PROGRESS_WINDOW = 64 * 1024;
const LEAST_DROP_BYTES = 1 << 20;

const NEWLINE = 10;
const RETURN = 13;
const ESCAPE = 27;

const decoder = new TextDecoder();

const WHOLE: HeldPart = { from: { line: 0, byte: 0 }, to: null, totalLines: 0, steps: [] };

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
  /** The first line that is held. */
  firstLine: number;
  /** The line after the last that is held; one without its newline counts. */
  lineCount: number;
  maxBytes = MAX_LOG_BYTES;
  /** Changes when the last line, still without its newline, grows. */
  openVersion = 0;

  /** Nothing more comes: a last line without its newline is as it is. */
  isOver = false;
  /** Bytes of the whole text at which the runner began steps; null where nobody knows. */
  private stepStarts: Set<number> | null = null;
  /** Where in the whole text the bytes begin. */
  private firstByte: number;
  private readonly starts: NumberColumn;
  private readonly ends: NumberColumn;
  private readonly states: NumberColumn;
  /** Milliseconds since `timeBase`, plus one; 0 = unknown. */
  private readonly times: NumberColumn;
  private timeBase = 0;
  /** What the server knows about times, for lines that came without one. */
  private places: readonly TimePlace[] = [];
  private open = false;
  private carried: SgrState = PLAIN;

  constructor(private readonly part: HeldPart = WHOLE) {
    const { line, byte } = part.from;
    this.firstLine = line;
    this.lineCount = line;
    this.firstByte = byte;
    this.starts = new NumberColumn(line);
    this.ends = new NumberColumn(line);
    this.states = new NumberColumn(line);
    this.times = new NumberColumn(line);
    if (part.steps.length === 0) return;
    this.stepList.know(part.steps, byte);
    this.stepStarts = new Set(part.steps.map((step) => step.byte));
  }

  /** The line before which it ends; null if that is the end of the log. */
  get until(): number | null {
    return this.part.to?.line ?? null;
  }

  /** Lines of the whole log, as far as that is known. */
  get totalLines(): number {
    return Math.max(this.lineCount, this.part.totalLines);
  }

  /** `at`: when the runner saw the bytes (unix ms), where it is known. */
  append(chunk: Uint8Array, at = 0): void {
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

  /** The line before which lines should go, so that there is room for more: the first one if there is. */
  get surplus(): number {
    const { spare } = this;
    if (spare === 0) return this.firstLine;
    let low = this.firstLine;
    let high = this.lineCount - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.starts.get(middle) < spare) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Forgets the lines before `line`. A line that is too much alone loses its beginning. */
  drop(line: number): void {
    const gone = this.bytes.drop(Math.max(this.starts.get(line), this.spare));
    this.firstLine = line;
    this.firstByte += gone;
    for (const column of [this.states, this.times]) column.drop(line);
    for (const column of [this.starts, this.ends]) column.drop(line, gone);
  }

  /** Says where in the bytes to come steps begin. The first `known` of them were appended before. */
  expectSteps(starts: readonly number[], known: number): void {
    const base = this.firstByte + this.bytes.length - known;
    this.stepStarts ??= new Set();
    for (const start of starts) this.stepStarts.add(base + start);
  }

  /** A marker of this step comes next. It is true if the step is another one than before. */
  expectMarker(step: string): void {
    if (step !== this.stepList.last) this.stepStarts?.add(this.firstByte + this.bytes.length);
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
    return (this.stepList.steps[step + 1]?.firstLine ?? this.totalLines) - first;
  }

  /** Bytes that should go when there are too many: enough that the next ones do not ask for it again. */
  private get spare(): number {
    const over = this.bytes.length - this.maxBytes;
    return over > 0 ? over + Math.max(LEAST_DROP_BYTES, this.maxBytes >> 3) : 0;
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
    if (this.startsLikeMarker(index) && this.takeMarker(index, at)) {
      this.lineCount = index;
      this.times.set(index, 0);
      this.carried = PLAIN;
      return;
    }
    this.carryColours(index);
  }

  private takeMarker(line: number, at: number): boolean {
    const byte = this.firstByte + this.starts.get(line);
    const start = this.stepStarts?.has(byte) === false ? "within" : "may-begin";
    return this.stepList.take(this.line(line).text, { line, byte, at, start });
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
