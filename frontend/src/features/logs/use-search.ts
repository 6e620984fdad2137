/** Which match of a search is in view, and how to go to the next. It must not search; the session does. */
import { useCallback, useEffect, useState } from "react";
import type { LogPane } from "@/lib/log/pane";
import type { LogQuery } from "@/lib/log/query";
import type { BuildLog } from "./use-build-log";

export interface MatchControl {
  readonly at: number;
  readonly step: (direction: 1 | -1) => void;
  readonly ask: (query: LogQuery | null) => void;
}

export function useMatches({ session, snapshot }: BuildLog, pane: LogPane | null): MatchControl {
  const [at, setAt] = useState(-1);
  const lines = snapshot.search?.lines ?? [];
  const count = lines.length;

  const show = useCallback(
    (index: number, line: number | undefined) => {
      setAt(index);
      pane?.setCurrent(line ?? -1);
      if (line !== undefined) void pane?.revealLine(line);
    },
    [pane],
  );
  const ask = useCallback(
    (query: LogQuery | null) => {
      session.search(query);
      setAt(-1);
      pane?.setCurrent(-1);
    },
    [session, pane],
  );
  const first = lines[0];
  useEffect(() => {
    if (at === -1 && first !== undefined) show(0, first);
  }, [at, first, show]);

  function step(direction: 1 | -1): void {
    if (count === 0) return;
    const next = (at + direction + count) % count;
    show(next, lines[next]);
  }
  return { at, step, ask };
}
