/** The steps of a build beside its log: state, name, how long. Choosing one moves the log there. It must not load anything. */
import { type CSSProperties, lazy, Suspense, useId } from "react";
import type { BuildLogIndex, StepResult } from "@/api/types";
import { Duration, Icon, type IconName, RunningDuration } from "@/components/ui";
import { formatNumber } from "@/lib/format";
import type { StepView } from "@/lib/log/messages";
import { KEYS } from "@/lib/shortcuts";
import { useStore } from "@/lib/store";
import { t } from "@/messages";
import { RAIL, railKept, railWidth, toggleRail } from "./choices";

/** Only wide windows have it, and it can do without for a moment. */
const RailEdge = lazy(() => import("./rail-edge").catch(() => ({ default: () => null })));

type StepState = "running" | "succeeded" | "failed" | "skipped" | "canceled";

export interface RailStep {
  readonly index: number;
  readonly name: string;
  readonly state: StepState;
  readonly durationMs: number | null;
  /** Unix seconds, for a step that still runs. */
  readonly since: number | null;
  /** Lines that look like errors, as far as that is known. */
  readonly errors: number;
}

const LOOK: Record<StepState, { icon: IconName; color: string }> = {
  running: { icon: "ring", color: "text-running" },
  succeeded: { icon: "passed", color: "text-passed" },
  failed: { icon: "octagon", color: "text-failed" },
  skipped: { icon: "arrow", color: "text-ink-3" },
  canceled: { icon: "slash", color: "text-ink-3" },
};

/** Markers in the log say which steps there are; the build's results say how long they took. */
export function railSteps(
  steps: readonly StepView[],
  results: readonly StepResult[],
  build: "active" | "ended",
  errors: BuildLogIndex["errors"] = [],
): RailStep[] {
  return steps
    .filter((step) => step.index > 0)
    .map((step) => {
      const result = results.find((known) => known.name === step.name);
      const seen = step.endedAt > 0 && step.startedAt > 0 ? step.endedAt - step.startedAt : null;
      const isOpen = step.status === "running";
      return {
        index: step.index,
        name: step.name,
        state: isOpen && build === "ended" ? "canceled" : step.status,
        durationMs: result?.duration_ms ?? seen,
        errors: errorsWithin(step, errors),
        since: isOpen && build === "active" && step.startedAt > 0 ? step.startedAt / 1000 : null,
      };
    });
}

/** Errors count lines from 1, steps from 0. A stretch of errors begins and ends within one step. */
function errorsWithin({ firstLine, lines }: StepView, errors: BuildLogIndex["errors"]): number {
  return errors
    .filter(({ line }) => line > firstLine && line <= firstLine + lines)
    .reduce((sum, stretch) => sum + stretch.lines, 0);
}

type Props = { steps: readonly RailStep[]; current: number; onChoose: (step: RailStep) => void };

export function StepRail({ steps, current, onChoose }: Props) {
  const width = useStore(railWidth);
  const isOpen = useStore(railKept) === "open";
  const list = useId();
  if (steps.length === 0) return null;
  return (
    <nav
      aria-label={t.logs.steps}
      style={{ "--rail": `${width}px` } as CSSProperties}
      className={`relative min-w-0 lg:shrink-0 ${isOpen ? "lg:w-(--rail) lg:pe-2" : ""}`}
    >
      <button
        type="button"
        aria-expanded={isOpen}
        aria-controls={list}
        aria-keyshortcuts={KEYS.steps}
        title={t.logs.steps}
        onClick={toggleRail}
        className="target mb-1 flex items-center gap-1.5 rounded px-2 text-sm text-ink-2 hover:bg-sunken hover:text-ink"
      >
        <Icon
          name="chevron"
          className={`size-4 ${isOpen ? "max-lg:rotate-90 lg:ltr:rotate-180" : "lg:rtl:rotate-180"}`}
        />
        <span className={isOpen ? "" : "lg:sr-only"}>{t.logs.steps}</span>
      </button>
      {isOpen && (
        <>
          <Steps id={list} steps={steps} current={current} onChoose={onChoose} />
          <Suspense>
            <RailEdge label={t.logs.railWidth} width={width} bounds={RAIL} onWidth={railWidth.set} />
          </Suspense>
        </>
      )}
    </nav>
  );
}

function Steps({ id, steps, current, onChoose }: Props & { id: string }) {
  return (
    <ol id={id} className="relative flex gap-1 overflow-x-auto p-0.5 lg:flex-col lg:overflow-visible">
      {steps.map((step) => (
        <li key={step.index} className="shrink-0">
          <button
            type="button"
            aria-current={step.index === current ? "step" : undefined}
            onClick={() => onChoose(step)}
            className="target flex w-full items-center gap-2 rounded px-2 text-start hover:bg-sunken aria-[current=step]:bg-accent-tint"
          >
            <Icon name={LOOK[step.state].icon} className={`size-4 ${LOOK[step.state].color}`} />
            <span className="min-w-0 grow truncate font-mono text-sm">{step.name}</span>
            <span className="sr-only">{t.logs.stepStatus[step.state]}</span>
            {step.errors > 0 && (
              <span className="tabular rounded-full bg-failed-tint px-1.5 text-xs font-medium text-failed">
                {formatNumber(step.errors)}
                <span className="sr-only"> {t.logs.errors(step.errors)}</span>
              </span>
            )}
            <span className="text-sm whitespace-nowrap text-ink-3">
              {step.since !== null ? (
                <RunningDuration since={step.since} />
              ) : (
                step.durationMs !== null && <Duration ms={step.durationMs} />
              )}
            </span>
          </button>
        </li>
      ))}
    </ol>
  );
}
