/** The bars of a build's timeline, in milliseconds from the moment it was queued. Pure arithmetic; it must not know the page. */
import type { Build, BuildLogIndex, StepStatus } from "@/api/types";

export interface Bar {
  /** Empty for the time before a runner took the build. */
  readonly name: string;
  readonly state: "waiting" | "running" | "succeeded" | "failed" | "skipped" | "canceled";
  readonly start: number;
  readonly duration: number;
}

export interface Timeline {
  readonly bars: readonly Bar[];
  readonly total: number;
  /** The step that took longest, where there are several. */
  readonly longest: Bar | null;
}

type Step = { name: string; start: number; end: number | null; state: StepStatus | "open" };

/** The log's markers know milliseconds, and steps that still run; the build's results are there without a log too. */
function stepsOf(build: Build, index: BuildLogIndex | undefined): Step[] {
  const marked = index?.steps.filter((step) => step.name !== "" && step.started_at !== undefined) ?? [];
  if (marked.length > 0) {
    return marked.map((step) => ({
      name: step.name,
      start: step.started_at ?? 0,
      end: step.ended_at ?? null,
      state: step.status ?? "open",
    }));
  }
  return (build.step_results ?? []).map((step) => ({
    name: step.name,
    start: step.started_at * 1000,
    end: step.started_at * 1000 + step.duration_ms,
    state: step.status,
  }));
}

/** Steps are placed by the runner's clock and waiting by the daemon's, so the two are never subtracted. */
export function timelineOf(
  build: Build,
  index: BuildLogIndex | undefined,
  phase: "active" | "ended",
  now: number,
): Timeline {
  const steps = stepsOf(build, index);
  const waited = build.wait_ms ?? 0;
  const origin = steps[0]?.start ?? now;
  const last = phase === "active" ? now : origin + (build.run_ms ?? 0);
  const bars: Bar[] = steps.map((step) => ({
    name: step.name,
    state: step.state === "open" ? (phase === "active" ? "running" : "canceled") : step.state,
    start: waited + Math.max(0, step.start - origin),
    duration: Math.max(0, (step.end ?? last) - step.start),
  }));
  const waiting: Bar = { name: "", state: "waiting", start: 0, duration: waited };
  const total = Math.max(1, waited, ...bars.map((bar) => bar.start + bar.duration));
  const longest = bars.length > 1 ? bars.reduce((a, b) => (b.duration > a.duration ? b : a)) : null;
  return { bars: waited > 0 ? [waiting, ...bars] : bars, total, longest };
}
