/** Which match of a search is in view, and how to go to the next. It must not search; the session does. */
import { useCallback, useEffect, useState } from "react";
import { toastError } from "@/components/ui";
import type { LogPane } from "@/lib/log/pane";
import type { LogQuery } from "@/lib/log/query";
import type { BuildLog } from "./use-build-log";
import type { Reach } from "./use-reach";

export interface MatchControl {
  readonly at: number;
  readonly step: (direction: 1 | -1) => void;
  readonly ask: (query: LogQuery | null) => void;
}

export function useMatches(
  { session, snapshot }: BuildLog,
  pane: LogPane | null,
  reach: Reach,
): MatchControl {
  /** The line of the match; null until one was shown. */
  const [current, setCurrent] = useState<number | null>(null);
  const lines = snapshot.search?.lines ?? [];
  const at = current === null ? 0 : placeIn(lines, current);

  const show = useCallback(
    (line: number) => {
      setCurrent(line);
      pane?.setCurrent(line);
      reach.line(line).catch(toastError);
    },
    [pane, reach],
  );
  const ask = useCallback(
    (query: LogQuery | null) => {
      session.search(query);
      setCurrent(null);
      pane?.setCurrent(-1);
    },
    [session, pane],
  );
  const first = lines[0];
  useEffect(() => {
    if (current === null && first !== undefined) show(first);
  }, [current, first, show]);

  function step(direction: 1 | -1): void {
    const next = lines[nextAt(lines, current ?? -1, at, direction)];
    if (next !== undefined) show(next);
  }
  return { at: lines[at] === current ? at : -1, step, ask };
}

/** Where in ascending `lines` the first stands that is not before `line`. */
function placeIn(lines: readonly number[], line: number): number {
  let low = 0;
  let high = lines.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((lines[middle] ?? 0) < line) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** After the last comes the first. The current match may be none of them: what was held may have changed. */
function nextAt(lines: readonly number[], current: number, at: number, direction: 1 | -1): number {
  if (lines.length === 0) return -1;
  const forward = lines[at] === current ? at + 1 : at;
  return ((direction === 1 ? forward : at - 1) + lines.length) % lines.length;
}
