/** Ties the picture of the whole log to its pane, to the errors that the server knows and to the matches of the search. */
import { type RefObject, useEffect, useRef, useState } from "react";
import type { BuildLogIndex } from "@/api/types";
import { toastError } from "@/components/ui";
import type { LogMinimap } from "@/lib/log/minimap";
import type { LogPane } from "@/lib/log/pane";
import type { BuildLog } from "./use-build-log";

/** A log that streams changes all the time; its picture need not. */
const REDRAW_MS = 250;
/** So much growth of a live log moves no mark that anybody would see move. */
const UNNOTICED_UNITS = 200;

type Setup = {
  log: BuildLog;
  pane: LogPane | null;
  phase: "active" | "ended";
  errors: BuildLogIndex["errors"];
};

export function useMinimap({
  log: { session, snapshot },
  pane,
  phase,
  errors,
}: Setup): RefObject<HTMLDivElement | null> {
  const element = useRef<HTMLDivElement>(null);
  const [map, setMap] = useState<LogMinimap | null>(null);
  useEffect(() => {
    if (!element.current || !pane) return;
    const { current: root } = element;
    let made: LogMinimap | null = null;
    let isWanted = true;
    // The lines come first.
    const make = async () => {
      const { LogMinimap } = await import("@/lib/log/minimap");
      if (!isWanted) return;
      made = new LogMinimap(root, (part) => pane.revealPart(part));
      setMap(made);
      pane.watch(made);
    };
    make().catch(toastError);
    return () => {
      isWanted = false;
      pane.watch(null);
      made?.destroy();
    };
  }, [pane]);

  const { worker } = session;
  const { totalUnits } = snapshot.state;
  const height = phase === "active" ? Math.floor(totalUnits / UNNOTICED_UNITS) : totalUnits;
  const matches = snapshot.search?.lines.length ?? -1;
  // biome-ignore lint/correctness/useExhaustiveDependencies: what moves the marks, though the worker holds it
  useEffect(() => {
    if (!map || !worker) return;
    const timer = setTimeout(async () => {
      const { parts } = map;
      const lines = errors.map(({ line }) => line - 1);
      const marks = await worker.ask({ ask: "marks", errors: lines, parts });
      if (marks) map.setMarks(marks, parts);
    }, REDRAW_MS);
    return () => clearTimeout(timer);
  }, [map, worker, errors, height, matches, snapshot.search?.query]);
  return element;
}
