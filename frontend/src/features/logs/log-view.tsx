/**
 * The log viewer: steps, search, tools and the pane. React draws what is around the rows, never the rows themselves.
 */
import {
  type KeyboardEvent,
  lazy,
  type ReactNode,
  Suspense,
  useCallback,
  useContext,
  useEffect,
  useId,
  useMemo,
  useRef,
  useState,
} from "react";
import type { Build } from "@/api/types";
import { isActive, toastError } from "@/components/ui";
import { formatNumber } from "@/lib/format";
import type { LogPlace, StepView } from "@/lib/log/messages";
import { serverQuery } from "@/lib/log/query";
import type { LogTimes } from "@/lib/log/row";
import { LogShown } from "@/lib/log/shown";
import { lineAddress } from "@/lib/repository";
import { type Actions, useShortcuts } from "@/lib/shortcuts";
import { useStore } from "@/lib/store";
import { t } from "@/messages";
import { TIMES, timesKept, toggleRail, wrapKept } from "./choices";
import { LogPlaceholder } from "./log-states";
import { SearchBox } from "./search-box";
import { type RailStep, railSteps, StepRail } from "./step-rail";
import { Toolbar, useLogDownload } from "./toolbar";
import type { BuildLog } from "./use-build-log";
import { useErrors } from "./use-errors";
import { useIsolation } from "./use-isolation";
import { type LogIndex, useKnownErrors, useLogIndex } from "./use-log-index";
import { useMinimap } from "./use-minimap";
import { usePane } from "./use-pane";
import type { Reach } from "./use-reach";
import { useMatches } from "./use-search";
import { useStepNews } from "./use-step-news";
import { isPart } from "./words";

/** Most logs are small. */
const PartBar = lazy(() => import("./part-bar").catch(missing));
const RemoteMatches = lazy(() => import("./remote-matches").catch(missing));

function missing(cause: unknown): { default: () => ReactNode } {
  toastError(cause);
  return { default: () => null };
}

const NO_KEYS: Actions = {};
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
  const isShown = useContext(LogShown);
  const isLive = isActive(build.status) && snapshot.phase !== "ended";
  const [startAt] = useState<"top" | "end">(isActive(build.status) && !place ? "end" : "top");
  const [suggested] = useState<"on" | "off">(() => (window.matchMedia(NARROW).matches ? "on" : "off"));
  const wrapChoice = useStore(wrapKept);
  const wrap = wrapChoice === "auto" ? suggested : wrapChoice;
  const setWrap = wrapKept.set;
  const times = useStore(timesKept);
  const setTimes = timesKept.set;
  const [size, setSize] = useState<"page" | "window">("page");
  // Whoever goes to another view wants to see it.
  if (!isShown && size === "window") setSize("page");
  const hint = useId();
  const download = useLogDownload(build.id);
  const frame = useRef<HTMLDivElement>(null);
  const searchInput = useRef<HTMLInputElement>(null);
  const { element, pane, following, topStep, selection, reach } = usePane({ log, place, onPlace, startAt });
  const matches = useMatches(log, pane, reach);
  const news = useStepNews(snapshot);
  useEffect(() => pane?.setWrap(wrap), [pane, wrap]);
  useEffect(() => pane?.setTimes(times), [pane, times]);
  const phase = isActive(build.status) ? "active" : "ended";
  const index = useLogIndex(build.id, phase);
  useTimes(log, index, times);
  const errors = useErrors(log, index, pane, reach);
  const known = useKnownErrors(build, snapshot.phase);
  const map = useMinimap({
    log,
    pane,
    phase,
    errors: known,
  });
  useIsolation(frame, size === "window", () => setSize("page"));
  const resize = () => setSize(size === "page" ? "window" : "page");
  useEffect(() => pane?.setBuild(phase), [pane, phase]);
  const { commit_sha, context } = build;
  // biome-ignore lint/correctness/useExhaustiveDependencies: a build's news change neither its commit nor its code host
  useEffect(() => pane?.setAddress(lineAddress(build)), [pane, commit_sha, context?.repository_host_url]);

  const steps = useMemo(
    () => railSteps(snapshot.state.steps, build.step_results ?? [], phase, known),
    [snapshot.state.steps, build.step_results, phase, known],
  );
  useFailedStepFirst(pane, reach, steps, place === null && startAt === "top" && snapshot.phase === "ended");

  const goTo = (step: RailStep | undefined) => step && void reach.step(step.index).catch(toastError);
  const follow = () =>
    following === "following" ? pane?.follow("loose") : void reach.end().catch(toastError);
  const focusSearch = useCallback(() => searchInput.current?.focus(), []);
  const keys: Actions = {
    previousStep: () => goTo(steps.findLast((step) => step.index < topStep)),
    nextStep: () => goTo(steps.find((step) => step.index > topStep)),
    steps: steps.length > 0 ? toggleRail : undefined,
    follow: isLive ? follow : undefined,
    wrap: () => setWrap(other(wrap)),
    fold: () => foldFinished(log),
    times: () => setTimes(TIMES[(TIMES.indexOf(times) + 1) % TIMES.length] ?? "off"),
    full: resize,
    nextError: () => void errors.step(1),
    previousError: () => void errors.step(-1),
    nextMatch: snapshot.search ? () => matches.step(1) : undefined,
    previousMatch: snapshot.search ? () => matches.step(-1) : undefined,
    filter: focusSearch,
  };
  useShortcuts(isShown ? keys : NO_KEYS);
  function onPaneKey(event: KeyboardEvent) {
    if (event.key !== "f" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    focusSearch();
  }

  const restart = () => {
    session.stop();
    session.start();
  };
  const placeholder = <LogPlaceholder snapshot={snapshot} build={build} onRetry={restart} />;
  const hasLines = snapshot.state.lines > 0 || snapshot.state.steps.length > 1;
  const isReadable = hasLines && snapshot.phase !== "removed" && snapshot.phase !== "failed";
  return (
    <div
      ref={frame}
      className={`flex min-w-0 flex-col gap-3 lg:flex-row ${size === "window" ? "fixed inset-0 z-40 overflow-y-auto bg-canvas p-3" : ""}`}
    >
      <StepRail steps={steps} current={topStep} onChoose={goTo} />
      <div className="flex min-w-0 grow flex-col gap-2">
        <div
          className={`flex-wrap items-center justify-between gap-x-3 gap-y-2 ${isReadable ? "flex" : "hidden"}`}
        >
          <SearchBox
            search={snapshot.search}
            scope={isPart(snapshot.state) ? "part" : "log"}
            at={matches.at}
            input={searchInput}
            onQuery={matches.ask}
            onStep={matches.step}
            onLeave={() => element.current?.focus()}
          />
          <Toolbar
            build={build}
            session={session}
            onDownload={download}
            selection={selection}
            place={place}
            size={{ state: size, onToggle: resize }}
            wrap={{ state: wrap, onToggle: () => setWrap(other(wrap)) }}
            times={{ state: times, onChoose: setTimes }}
            fold={{ isPossible: snapshot.state.steps.some(isFinished), onFold: () => foldFinished(log) }}
            onError={(direction) => void errors.step(direction)}
            follow={{ state: following, isLive, onFollow: follow }}
          />
        </div>
        {isReadable && isPart(snapshot.state) && (
          <Suspense>
            <PartBar
              state={snapshot.state}
              isMoving={snapshot.moving}
              isLive={isLive}
              reach={reach}
              onDownload={download}
            />
          </Suspense>
        )}
        {!isReadable && placeholder}
        <div
          className={`gap-1 ${size === "window" ? "min-h-80 grow" : "h-[max(20rem,calc(100dvh-19rem))]"} ${isReadable ? "flex" : "hidden"}`}
        >
          <section
            ref={element}
            aria-label={t.logs.region}
            aria-describedby={hint}
            // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrollable region has to be reachable by keyboard
            tabIndex={0}
            onKeyDown={onPaneKey}
            className="log-pane h-full min-w-0 grow rounded border border-line"
          />
          {/* For the pointer only: the keys of errors and matches lead to the same places. */}
          <div ref={map} aria-hidden="true" title={t.logs.map} className="log-map" />
        </div>
        {isReadable && isPart(snapshot.state) && snapshot.search && !snapshot.search.problem && (
          <Suspense>
            <RemoteMatches
              buildId={build.id}
              query={serverQuery(snapshot.search.query)}
              held={{ first: snapshot.state.first, end: snapshot.state.until }}
              onMatch={(line) => {
                pane?.setCurrent(line);
                reach.line(line).catch(toastError);
              }}
            />
          </Suspense>
        )}
        {isReadable && <StatusLine log={log} following={following} isLive={isLive} />}
        <p id={hint} className="sr-only">
          {t.logs.regionKeys}
        </p>
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
  const count = formatNumber(state.total);
  let text: string = t.logs.phase[phase];
  if (phase === "reconnecting") text = t.logs.reconnectingAt(count);
  else if (isLive && phase === "streaming" && following === "loose") text = t.logs.paused(count);
  return (
    <p className="flex flex-wrap justify-between gap-x-4 text-sm text-ink-2">
      <span className={phase === "reconnecting" ? "text-warning" : ""}>{text}</span>
      <span className="tabular">{t.logs.lines(state.total, count)}</span>
    </p>
  );
}

const isFinished = (step: StepView): boolean => step.index > 0 && step.status !== "running" && !step.away;

/** Folds what has ended; if all of that is folded already, opens everything again. */
function foldFinished({ session, snapshot }: BuildLog): void {
  const finished = snapshot.state.steps.filter(isFinished);
  const state = finished.some((step) => !step.folded) ? "folded" : "open";
  for (const { index: step } of finished) session.worker?.send({ kind: "fold", step, state });
}

/** Lines that came in bulk have no times of their own; the server knows them, to the second. */
function useTimes({ session, snapshot }: BuildLog, index: LogIndex, times: LogTimes): void {
  const { worker } = session;
  const { phase } = snapshot;
  const isWanted = times !== "off" && phase !== "loading" && phase !== "removed";
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
  reach: Reach,
  steps: readonly RailStep[],
  isWanted: boolean,
): void {
  const isDone = useRef(false);
  const failed = steps.find((step) => step.state === "failed")?.index;
  useEffect(() => {
    if (!pane || !isWanted || isDone.current || failed === undefined) return;
    isDone.current = true;
    reach.step(failed).catch(toastError);
  }, [pane, reach, isWanted, failed]);
}
