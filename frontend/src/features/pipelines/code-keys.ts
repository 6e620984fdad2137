/** What Tab and Enter do to the text of a code field. It knows positions in a text, no page. */

export const INDENT = "  ";

export type Selection = { from: number; to: number };

/** The white space a new line begins with: as much as this one has, and more after a key without a value. */
export function indentationAfter(text: string, position: number): string {
  const line = text.slice(lineStart(text, position), position);
  const indentation = /^ */.exec(line)?.[0] ?? "";
  return /:\s*$/.test(line) ? indentation + INDENT : indentation;
}

/** Moves the lines of a selection in or out; the selection stays on the same words. */
export function shifted(text: string, { from, to }: Selection, isBack: boolean) {
  const start = lineStart(text, from);
  const lineEnd = text.indexOf("\n", Math.max(from, to - 1));
  const end = lineEnd < 0 ? text.length : lineEnd;
  const before = text.slice(start, end).split("\n");
  const after = before.map((line) => (isBack ? line.replace(/^ {1,2}/, "") : line && INDENT + line));
  const block = after.join("\n");
  const first = (after[0]?.length ?? 0) - (before[0]?.length ?? 0);
  const grown = block.length - (end - start);
  return {
    change: { from: start, to: end, text: block },
    selection: { from: Math.max(start, from + first), to: Math.max(start, to + grown) },
  };
}

function lineStart(text: string, position: number): number {
  return text.lastIndexOf("\n", position - 1) + 1;
}
