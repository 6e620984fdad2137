/**
 * Finds the lines of a log that match, a chunk at a time so that the worker stays responsive. Remembers where it
 * stopped, so a growing log is searched once. Must not touch the page.
 */
import { plainText } from "@/lib/ansi/parse";
import { type LogStore, MAX_LINE_BYTES } from "./store";

const CHUNK_BYTES = 1 << 20;
// biome-ignore lint/suspicious/noControlCharactersInRegex: colours are what most logs are full of
const COLOURS = /\x1b\[[\d;:]*m/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this looks for
const NEEDS_CLEANING = /[\x00-\x08\x0b-\x1f\x7f-\x9f]/;

const decoder = new TextDecoder();

export class LogSearch {
  /** Numbers of the matching lines, ascending. */
  readonly lines: number[] = [];
  private next = 0;

  constructor(private readonly pattern: RegExp) {}

  /** Searches one more chunk; answers whether there is more to do now. */
  step(store: LogStore): "more" | "done" {
    this.next = Math.max(this.next, store.firstLine);
    const settled = store.lineCount - (store.hasOpenLine ? 1 : 0);
    if (this.next >= settled) return "done";
    const from = this.next;
    const to = this.chunkEnd(store, from, settled);
    if (to === from + 1) this.searchLine(store, from);
    else this.searchChunk(store, from, to);
    this.next = to;
    return to < settled ? "more" : "done";
  }

  /** Forgets matches before `line`; answers how many. */
  drop(line: number): number {
    const kept = this.lines.findIndex((found) => found >= line);
    return this.lines.splice(0, kept === -1 ? this.lines.length : kept).length;
  }

  private chunkEnd(store: LogStore, from: number, settled: number): number {
    const start = store.range(from)[0];
    let low = from + 1;
    let high = settled;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (store.range(middle - 1)[1] - start <= CHUNK_BYTES) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  private searchLine(store: LogStore, line: number): void {
    this.searchText(plainText(store.line(line).text), line);
  }

  /** Decoded and cleaned as one string, which is faster than line by line; matched by line, as a match never spans two. */
  private searchChunk(store: LogStore, from: number, to: number): void {
    const text = isGapless(store, from, to) ? textOf(store, from, to) : null;
    if (text === null || NEEDS_CLEANING.test(text)) {
      for (let line = from; line < to; line++) this.searchLine(store, line);
      return;
    }
    text.split("\n").forEach((line, index) => {
      this.searchText(line, from + index);
    });
  }

  private searchText(text: string, line: number): void {
    this.pattern.lastIndex = 0;
    if (this.pattern.test(text)) this.lines.push(line);
  }
}

/** Whether the lines' bytes hold these lines and nothing else: neither markers, which are not shown, nor what is cut off. */
function isGapless(store: LogStore, from: number, to: number): boolean {
  let expected = store.range(from)[0];
  for (let line = from; line < to; line++) {
    const [start, end] = store.range(line);
    if (start !== expected || end - start > MAX_LINE_BYTES) return false;
    expected = end + 1;
  }
  return true;
}

function textOf(store: LogStore, from: number, to: number): string {
  const bytes = store.bytes.slice(store.range(from)[0], store.range(to - 1)[1]);
  return decoder.decode(bytes).replace(COLOURS, "");
}
