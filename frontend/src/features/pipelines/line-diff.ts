/** What differs between two texts, line by line, with some lines around it. It must not know what the texts say. */

export type DiffLine =
  | { kind: "same" | "removed" | "added"; text: string }
  /** So many lines that are the same. */
  | { kind: "gap"; count: number };
type Line = Exclude<DiffLine, { kind: "gap" }>;

/** Beyond that the middle is taken as replaced: the table would fill the memory. */
const MOST_CELLS = 4_000_000;
const AROUND = 3;

/** Nothing if the texts are the same. */
export function lineDiff(before: string, after: string): DiffLine[] {
  if (before === after) return [];
  return folded(compared(linesOf(before), linesOf(after)));
}

function linesOf(text: string): string[] {
  return text.replace(/\n$/, "").split("\n");
}

function compared(before: string[], after: string[]): Line[] {
  const shorter = Math.min(before.length, after.length);
  let head = 0;
  while (head < shorter && before[head] === after[head]) head++;
  let tail = 0;
  while (tail < shorter - head && before.at(-1 - tail) === after.at(-1 - tail)) tail++;
  return [
    ...lines("same", before.slice(0, head)),
    ...middle(before.slice(head, before.length - tail), after.slice(head, after.length - tail)),
    ...lines("same", before.slice(before.length - tail)),
  ];
}

function lines(kind: Line["kind"], texts: string[]): Line[] {
  return texts.map((text) => ({ kind, text }));
}

/** By the longest common subsequence. */
function middle(before: string[], after: string[]): Line[] {
  const width = after.length + 1;
  if ((before.length + 1) * width > MOST_CELLS)
    return [...lines("removed", before), ...lines("added", after)];
  const common = new Uint32Array((before.length + 1) * width);
  const at = (row: number, column: number) => common[row * width + column] ?? 0;
  for (let row = before.length - 1; row >= 0; row--) {
    for (let column = after.length - 1; column >= 0; column--) {
      common[row * width + column] =
        before[row] === after[column]
          ? at(row + 1, column + 1) + 1
          : Math.max(at(row + 1, column), at(row, column + 1));
    }
  }
  const found: Line[] = [];
  let row = 0;
  let column = 0;
  while (row < before.length || column < after.length) {
    const [old, fresh] = [before[row], after[column]];
    if (old !== undefined && old === fresh) {
      found.push({ kind: "same", text: old });
      row++;
      column++;
    } else if (old !== undefined && (fresh === undefined || at(row + 1, column) >= at(row, column + 1))) {
      found.push({ kind: "removed", text: old });
      row++;
    } else {
      found.push({ kind: "added", text: fresh ?? "" });
      column++;
    }
  }
  return found;
}

/** Long runs of lines that are the same become gaps. */
function folded(all: Line[]): DiffLine[] {
  const isNear = all.map((_, index) =>
    all.slice(Math.max(0, index - AROUND), index + AROUND + 1).some(({ kind }) => kind !== "same"),
  );
  const shown: DiffLine[] = [];
  for (const [index, line] of all.entries()) {
    const last = shown.at(-1);
    if (isNear[index]) shown.push(line);
    else if (last?.kind === "gap") last.count++;
    else shown.push({ kind: "gap", count: 1 });
  }
  return shown;
}
