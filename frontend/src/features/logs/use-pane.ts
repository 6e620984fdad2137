/** Ties a LogPane to React: the pane owns everything inside its element, React only tells it what changed. */
import { type RefObject, useEffect, useEffectEvent, useRef, useState } from "react";
import { toastError } from "@/components/ui";
import type { LineRange } from "@/lib/log/line-states";
import type { LogPlace, LogState } from "@/lib/log/messages";
import { LogPane } from "@/lib/log/pane";
import { compileQuery } from "@/lib/log/query";
import type { BuildLog } from "./use-build-log";
import { type Reach, useReach } from "./use-reach";
import { rowWords } from "./words";

export type PlaceChange = (place: LogPlace) => void;

export interface PaneControl {
  readonly element: RefObject<HTMLDivElement | null>;
  readonly pane: LogPane | null;
  readonly following: "following" | "loose";
  /** Step that the top of the pane shows. */
  readonly topStep: number;
  readonly selection: LineRange | null;
  readonly reach: Reach;
}

type Setup = {
  log: BuildLog;
  place: LogPlace | null;
  onPlace: PlaceChange;
  startAt: "top" | "end";
};

export function usePane({ log, place, onPlace, startAt }: Setup): PaneControl {
  const { session, snapshot } = log;
  const element = useRef<HTMLDivElement>(null);
  const [pane, setPane] = useState<LogPane | null>(null);
  const [following, setFollowing] = useState<"following" | "loose">("loose");
  const [topStep, setTopStep] = useState(0);
  const reach = useReach(log, pane);
  const selection = useSelection(log, pane, place, reach);

  const choose = useEffectEvent((step: number, number: number, gesture: "set" | "extend") => {
    const name = snapshot.state.steps[step]?.name ?? "";
    const anchor = gesture === "extend" && place?.step === name ? place.from : number;
    onPlace({ step: name, from: Math.min(anchor, number), to: Math.max(anchor, number) });
  });
  const fold = useEffectEvent((step: number) => {
    const { folded: isFolded, away } = snapshot.state.steps[step] ?? {};
    if (away && !isFolded) return void reach.step(step).catch(toastError);
    session.worker?.send({ kind: "fold", step, state: isFolded ? "open" : "folded" });
  });

  const extend = useEffectEvent((direction: 1 | -1) => {
    const next = place ? extended(place, direction) : placeOf(pane?.topLine ?? null, snapshot.state);
    if (!next) return;
    const ask = { ask: "line", step: next.step, number: next.to } as const;
    void session.worker?.ask(ask).then((line = -1) => {
      if (line < 0) return;
      onPlace(next);
      reach.line(line).catch(toastError);
    });
  });

  useEffect(() => {
    if (!element.current) return;
    const made = new LogPane(element.current, rowWords, {
      onFollow: setFollowing,
      onTopStep: setTopStep,
      onLine: (_line, step, number, gesture) => choose(step, number, gesture),
      onFold: (step) => fold(step),
      onExtend: (direction) => extend(direction),
    });
    setPane(made);
    return () => {
      made.destroy();
      setPane(null);
    };
  }, []);

  const { worker } = session;
  useEffect(() => pane?.attach(worker), [pane, worker]);
  useEffect(() => pane?.update(snapshot.state), [pane, snapshot.state]);
  useEffect(() => {
    if (pane && startAt === "end") pane.follow("following");
  }, [pane, startAt]);
  useMarks(log, pane);
  return { element, pane, following, topStep, selection, reach };
}

/** One line more at the end or one less; a single line goes up instead. */
function extended({ step, from, to }: LogPlace, direction: 1 | -1): LogPlace {
  if (direction === 1 || to > from) return { step, from, to: to + direction };
  return { step, from: from - 1, to: to - 1 };
}

function placeOf(line: { step: number; number: number } | null, { steps }: LogState): LogPlace | null {
  const name = line && steps[line.step]?.name;
  return line && { step: name ?? "", from: line.number, to: line.number };
}

function useMarks({ snapshot }: BuildLog, pane: LogPane | null): void {
  const query = snapshot.search?.query ?? null;
  useEffect(() => {
    const compiled = query && compileQuery(query);
    pane?.setMarks(compiled && "pattern" in compiled ? compiled.pattern : null);
  }, [pane, query]);
}

/** A link may name lines that are not there yet: it is tried again as the log grows, and shown once. */
function useSelection(
  { session, snapshot }: BuildLog,
  pane: LogPane | null,
  place: LogPlace | null,
  reach: Reach,
): LineRange | null {
  const [selection, setSelection] = useState<LineRange | null>(null);
  const shown = useRef("");
  const revealed = useRef("");
  const key = place ? `${place.step}:${place.from}:${place.to}` : "";
  const { lines } = snapshot.state;
  useEffect(() => {
    if (shown.current === key || !pane) return;
    if (!place) {
      shown.current = key;
      revealed.current = "";
      setSelection(null);
      return;
    }
    if (lines === 0) return;
    let isCurrent = true;
    const ask = { ask: "line", step: place.step, number: place.from } as const;
    void session.worker?.ask(ask).then((from) => {
      if (!isCurrent || from === undefined || from < 0) return;
      shown.current = key;
      setSelection({ from, to: from + place.to - place.from });
      const start = `${place.step}:${place.from}`;
      if (revealed.current !== start) reach.line(from).catch(toastError);
      revealed.current = start;
    });
    return () => {
      isCurrent = false;
    };
  }, [session, pane, place, key, lines, reach]);
  useEffect(() => pane?.setSelection(selection), [pane, selection]);
  return selection;
}
