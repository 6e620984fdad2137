/** The steps of a build beside its log: state, name, how long. Choosing one moves the log there. It must not load anything. */
import type { StepResult } from "@/api/types";
import { Duration, Icon, type IconName, RunningDuration } from "@/components/ui";
import type { StepView } from "@/lib/log/messages";
import { t } from "@/messages";

type StepState = "running" | "succeeded" | "failed" | "skipped" | "canceled";

export interface RailStep {
  readonly index: number;
  readonly name: string;
  readonly state: StepState;
  readonly durationMs: number | null;
  /** Unix seconds, for a step that still runs. */
  readonly since: number | null;
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
        since: isOpen && build === "active" && step.startedAt > 0 ? step.startedAt / 1000 : null,
      };
    });
}

type Props = { steps: readonly RailStep[]; current: number; onChoose: (step: RailStep) => void };

export function StepRail({ steps, current, onChoose }: Props) {
  if (steps.length === 0) return null;
  return (
    <nav aria-label={t.logs.steps} className="min-w-0 lg:w-60 lg:shrink-0">
      <ol className="relative flex gap-1 overflow-x-auto p-0.5 lg:flex-col lg:overflow-visible">
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
    </nav>
  );
}
