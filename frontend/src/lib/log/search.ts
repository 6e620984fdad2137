/**
 * Finds the lines of a log that match, a chunk at a time so that the worker stays responsive. Remembers where it
 * stopped, so a growing log is searched once. Must not touch the page.
 */
import { plainText } from "@/lib/ansi/parse";
import type { LogStore } from "./store";

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
    const settled = store.lineCount - (store.hasOpenLine ? 1 : 0);
    if (this.next >= settled) return "done";
    const from = this.next;
    const to = this.chunkEnd(store, from, settled);
    if (to === from + 1) this.searchLine(store, from);
    else this.searchChunk(store, from, to);
    this.next = to;
    return to < settled ? "more" : "done";
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
    this.pattern.lastIndex = 0;
    if (this.pattern.test(plainText(store.line(line).text))) this.lines.push(line);
  }

  /** Matches over many lines in one string: a native search over a mebibyte beats a loop over ten thousand lines. */
  private searchChunk(store: LogStore, from: number, to: number): void {
    const bytes = store.bytes.slice(store.range(from)[0], store.range(to - 1)[1]);
    const text = decoder.decode(bytes).replace(COLOURS, "");
    const hasMarkers = store.stepList.steps.some((step) => step.firstLine > from && step.firstLine < to);
    if (hasMarkers || NEEDS_CLEANING.test(text)) {
      for (let line = from; line < to; line++) this.searchLine(store, line);
      return;
    }
    let line = from;
    let lineEnd = text.indexOf("\n");
    this.pattern.lastIndex = 0;
    for (let match = this.pattern.exec(text); match !== null; match = this.pattern.exec(text)) {
      while (lineEnd !== -1 && lineEnd < match.index) {
        line++;
        lineEnd = text.indexOf("\n", lineEnd + 1);
      }
      this.lines.push(line);
      if (lineEnd === -1) break;
      this.pattern.lastIndex = lineEnd + 1;
      lineEnd = text.indexOf("\n", lineEnd + 1);
      line++;
    }
  }
}
