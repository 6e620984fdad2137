/** Picks the few lines of a failed step that say why it failed. A guess over plain text; it must not change the log. */
import { plainText } from "@/lib/ansi/parse";
import type { LogStore } from "./store";

const LOOK_BACK = 400;
const LENGTH = 12;
const CONTEXT = 1;

/** Strong words first: what compilers, Gradle, Xcode, Flutter, Dart tests and shells print at the cause. */
const CAUSES: readonly RegExp[] = [
  /^FAILURE: |What went wrong|^error: |: error: |: Error: |\bfatal error\b|^fatal: |BUILD FAILED/,
  /\bException\b|\bpanicked\b|^Error|\bERROR\b|\[E\]|✗|✖|Some tests failed|Expected: /,
  /\b(error|failed|failure|cannot|not found|denied|no such file)\b/i,
];

export interface ExcerptLine {
  readonly line: number;
  readonly text: string;
}

const isCommandEcho = (text: string): boolean => text.startsWith("$ ") || text.startsWith("# env:");

export function failureExcerpt(store: LogStore, step: number): ExcerptLine[] {
  const first = store.stepList.steps[step]?.firstLine ?? 0;
  const end = first + store.linesOfStep(step);
  const lines: ExcerptLine[] = [];
  for (let line = Math.max(first, end - LOOK_BACK); line < end; line++) {
    lines.push({ line, text: plainText(store.line(line).text).trimEnd() });
  }
  const cause = firstCause(lines);
  if (cause === -1) return lines.filter(({ text }) => text !== "").slice(-LENGTH);
  const from = Math.max(0, cause - CONTEXT);
  return lines.slice(from, from + LENGTH).filter(({ text }) => text !== "");
}

function firstCause(lines: readonly ExcerptLine[]): number {
  for (const pattern of CAUSES) {
    const found = lines.findIndex(({ text }) => !isCommandEcho(text) && pattern.test(text));
    if (found !== -1) return found;
  }
  return -1;
}
