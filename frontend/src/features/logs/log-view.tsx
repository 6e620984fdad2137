/**
 * The log viewer: steps, search, tools and the pane. React draws what is around the rows, never the rows themselves.
 */
import { type KeyboardEvent, useCallback, useEffect, useMemo, useRef, useState } from "react";
import type { Build } from "@/api/types";
import { Banner, isActive, toastError } from "@/components/ui";
import { formatNumber } from "@/lib/format";
import type { LogPlace, StepView } from "@/lib/log/messages";
import { useShortcuts } from "@/lib/shortcuts";
import { t } from "@/messages";
import { LogPlaceholder } from "./log-states";
import { RemoteMatches } from "./remote-matches";
import { SearchBox } from "./search-box";
import { type RailStep, railSteps, StepRail } from "./step-rail";
import { Toolbar } from "./toolbar";
import type { BuildLog } from "./use-build-log";
import { useErrors } from "./use-errors";
import { type LogIndex, useLogIndex } from "./use-log-index";
import { usePane } from "./use-pane";
import { useMatches } from "./use-search";
import { useStepNews } from "./use-step-news";

const NARROW = "(max-width: 48rem)";

type Props = {
  build: Build;
  log: BuildLog;
  place: LogPlace | null;
  onPlace: (place: LogPlace) => void;
};

const other = (state: "on" | "off"): "on" | "off" => (state === "on" ? "off" : "on");

export function LogView({ build, log, place, onPlace }: Props) {
  const { session, snapshot } = log;
  const isLive = isActive(build.status) && snapshot.phase !== "ended";
  const [startAt] = useState<"top" | "end">(isActive(build.status) && !place ? "end" : "top");
  const [wrap, setWrap] = useState<"on" | "off">(() => (window.matchMedia(NARROW).matches ? "on" : "off"));
  const [times, setTimes] = useState<"on" | "off">("off");
  const searchInput = useRef<HTMLInputElement>(null);
  const { element, pane, following, topStep, selection } = usePane({ log, place, onPlace, startAt });
  const matches = useMatches(log, pane);
  const news = useStepNews(snapshot);
  useEffect(() => pane?.setWrap(wrap), [pane, wrap]);
  useEffect(() => pane?.setTimes(times), [pane, times]);
  const phase = isActive(build.status) ? "active" : "ended";
  const index = useLogIndex(build.id, phase);
  useTimes(log, index, times);
  const errors = useErrors(log, index, pane);
  useEffect(() => pane?.setBuild(phase), [pane, phase]);

  const steps = useMemo(
    () => railSteps(snapshot.state.steps, build.step_results ?? [], phase),
    [snapshot.state.steps, build.step_results, phase],
  );
  useFailedStepFirst(pane, steps, place === null && startAt === "top" && snapshot.phase === "ended");

  const goTo = (step: RailStep | undefined) => step && void pane?.revealStep(step.index);
  const follow = () => pane?.follow(following === "following" ? "loose" : "following");
  const focusSearch = useCallback(() => searchInput.current?.focus(), []);
  useShortcuts({
    "[": () => goTo(steps.findLast((step) => step.index < topStep)),
    "]": () => goTo(steps.find((step) => step.index > topStep)),
    f: () => isLive && follow(),
    w: () => setWrap(other(wrap)),
    z: () => foldFinished(log),
    e: () => void errors.step(1),
    E: () => void errors.step(-1),
    n: () => matches.step(1),
    N: () => matches.step(-1),
    "/": focusSearch,
  });
  function onPaneKey(event: KeyboardEvent) {
    if (event.key !== "f" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    focusSearch();
  }

  const restart = () => {
    session.stop();
    session.start();
  };
  const placeholder = (
    <LogPlaceholder snapshot={snapshot} removedAt={build.log_removed_at} onRetry={restart} />
  );
  const hasLines = snapshot.state.lines > 0 || snapshot.state.steps.length > 1;
  const isShown = hasLines && snapshot.phase !== "removed" && snapshot.phase !== "failed";
  return (
    <div className="flex min-w-0 flex-col gap-3 lg:flex-row">
      <StepRail steps={steps} current={topStep} onChoose={goTo} />
      <div className="flex min-w-0 grow flex-col gap-2">
        <div
          className={`flex-wrap items-center justify-between gap-x-3 gap-y-2 ${isShown ? "flex" : "hidden"}`}
        >
          <SearchBox
            search={snapshot.search}
            at={matches.at}
            input={searchInput}
            onQuery={matches.ask}
            onStep={matches.step}
            onLeave={() => element.current?.focus()}
          />
          <Toolbar
            buildId={build.id}
            session={session}
            selection={selection}
            wrap={{ state: wrap, onToggle: () => setWrap(other(wrap)) }}
            times={{ state: times, onToggle: () => setTimes(other(times)) }}
            fold={{ isPossible: snapshot.state.steps.some(isFinished), onFold: () => foldFinished(log) }}
            onError={(direction) => void errors.step(direction)}
            follow={{ state: following, isLive, onFollow: follow }}
          />
        </div>
        {snapshot.state.truncated && <Banner tone="warning" title={t.logs.truncated} />}
        {!isShown && placeholder}
        <section
          ref={element}
          aria-label={t.logs.region}
          // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrollable region has to be reachable by keyboard
          tabIndex={0}
          onKeyDown={onPaneKey}
          className={`log-pane h-[max(20rem,calc(100dvh-19rem))] w-full rounded border border-line ${isShown ? "" : "hidden"}`}
        />
        {snapshot.state.truncated && snapshot.search && !snapshot.search.problem && (
          <RemoteMatches
            buildId={build.id}
            query={snapshot.search.query}
            after={Math.max(0, snapshot.state.lines - 1)}
          />
        )}
        {isShown && <StatusLine log={log} following={following} isLive={isLive} />}
        <p className="sr-only" aria-live="polite">
          {news}
        </p>
        <p className="sr-only" aria-live="polite">
          {errors.news}
        </p>
      </div>
    </div>
  );
}

function StatusLine({
  log: { snapshot },
  following,
  isLive,
}: {
  log: BuildLog;
  following: "following" | "loose";
  isLive: boolean;
}) {
  const { phase, state } = snapshot;
  const count = formatNumber(state.lines);
  let text: string = t.logs.phase[phase];
  if (phase === "reconnecting") text = t.logs.reconnectingAt(count);
  else if (isLive && phase === "streaming" && following === "loose") text = t.logs.paused(count);
  return (
    <p className="flex flex-wrap justify-between gap-x-4 text-sm text-ink-2">
      <span className={phase === "reconnecting" ? "text-warning" : ""}>{text}</span>
      <span className="tabular">{t.logs.lines(state.lines, count)}</span>
    </p>
  );
}

const isFinished = (step: StepView): boolean => step.index > 0 && step.status !== "running";

/** Folds what has ended; if all of that is folded already, opens everything again. */
function foldFinished({ session, snapshot }: BuildLog): void {
  const finished = snapshot.state.steps.filter(isFinished);
  const state = finished.some((step) => !step.folded) ? "folded" : "open";
  for (const { index: step } of finished) session.worker?.send({ kind: "fold", step, state });
}

/** Lines that came in bulk have no times of their own; the server knows them, to the second. */
function useTimes({ session, snapshot }: BuildLog, index: LogIndex, times: "on" | "off"): void {
  const { worker } = session;
  const { phase } = snapshot;
  const isWanted = times === "on" && phase !== "loading" && phase !== "removed";
  useEffect(() => {
    if (!isWanted || !worker) return;
    let isCurrent = true;
    const show = async () => {
      const { places } = await index.load();
      if (!isCurrent) return;
      worker.send({ kind: "times", places: places.map(({ line, at }) => ({ line: line - 1, at })) });
    };
    show().catch(toastError);
    return () => {
      isCurrent = false;
    };
  }, [worker, index, isWanted]);
}

/** A failed build's log opens where it failed, unless the address names a place. */
function useFailedStepFirst(
  pane: ReturnType<typeof usePane>["pane"],
  steps: readonly RailStep[],
  isWanted: boolean,
): void {
  const isDone = useRef(false);
  const failed = steps.find((step) => step.state === "failed")?.index;
  useEffect(() => {
    if (!pane || !isWanted || isDone.current || failed === undefined) return;
    isDone.current = true;
    void pane.revealStep(failed);
  }, [pane, isWanted, failed]);
}
