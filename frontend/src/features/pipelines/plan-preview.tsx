/** What a build of the edited settings would do, how long it may take, and which runners could take it now. It must not block saving. */
import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useId } from "react";
import { formatDuration } from "@/lib/format";
import { useRuntime } from "@/lib/instances/current";
import { platformName } from "@/lib/platform";
import { buildsQuery } from "@/lib/queries";
import { pipelinePlan as words } from "@/messages/en/pipeline-plan";
import { type FormValue, toExecutionConfig, toRequest } from "./form-value";
import type { Check } from "./live-check";
import { medianOf, type Plan, type PlannedStep } from "./plan";
import { PlanRunners } from "./plan-runners";
import { usePlan } from "./use-plan";

/** As many as an estimate is made of. */
const RECENT = 10;
/** More would push the rest off the screen. */
const STEPS_AT_ONCE = 8;

export type PlanPreviewProps = {
  value: FormValue;
  /** The YAML, while that is shown. */
  text: string | null;
  check: Check;
  /** Absent while it does not exist: then nothing is known of its time. */
  pipelineId: string | undefined;
};

export function PlanPreview({ value, text, check, pipelineId }: PlanPreviewProps) {
  const { plan, isBehind } = usePlan(toExecutionConfig(value), text, check);
  const id = useId();
  return (
    <section aria-labelledby={id} className="card flex min-w-0 flex-col gap-3 p-4">
      <h2 id={id} className="text-lg font-semibold">
        {words.title}
      </h2>
      {isBehind && <p className="text-warning">{words.behind}</p>}
      <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-1">
        <Row name={words.platforms}>{plan.platforms.map(platformName).join(", ") || "–"}</Row>
        <Row name={words.time}>
          <Estimate pipelineId={pipelineId} />
        </Row>
      </dl>
      <Steps plan={plan} />
      <PlanRunners plan={plan} labels={toRequest(value).runner_labels ?? []} />
    </section>
  );
}

function Row({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt className="text-ink-3">{name}</dt>
      <dd className="min-w-0">{children}</dd>
    </>
  );
}

function Estimate({ pipelineId }: { pipelineId: string | undefined }) {
  const recent = { pipeline_id: pipelineId, status: "succeeded", limit: RECENT };
  const { data, isLoading } = useQuery({
    ...buildsQuery(useRuntime(), recent),
    enabled: pipelineId !== undefined,
  });
  const times = (data?.builds ?? []).flatMap(({ run_ms }) => run_ms ?? []);
  const usual = medianOf(times);
  if (isLoading) return null;
  if (usual === undefined) return <span className="text-ink-3">{words.timeUnknown}</span>;
  return (
    <>
      <span className="tabular">{words.about(formatDuration(usual))}</span>
      <span className="block text-sm text-ink-3">{words.median(times.length)}</span>
    </>
  );
}

function Steps({ plan: { steps, hasMatrix } }: { plan: Plan }) {
  const id = useId();
  const isLong = steps.length > STEPS_AT_ONCE + 1;
  const first = isLong ? steps.slice(0, STEPS_AT_ONCE) : steps;
  const rest = steps.slice(first.length);
  return (
    <div className="flex flex-col gap-1.5">
      <h3 id={id} className="font-medium">
        {words.steps}
      </h3>
      {hasMatrix && <p className="text-sm text-ink-2">{words.matrix}</p>}
      <StepList steps={first} labelledBy={id} />
      {isLong && (
        <details>
          <summary className="tap cursor-pointer text-sm text-ink-2">{words.moreSteps(rest.length)}</summary>
          <StepList steps={rest} labelledBy={id} start={first.length + 1} />
        </details>
      )}
    </div>
  );
}

type StepListProps = { steps: readonly PlannedStep[]; labelledBy: string; start?: number };

function StepList({ steps, labelledBy, start }: StepListProps) {
  return (
    <ol aria-labelledby={labelledBy} start={start} className="flex flex-col gap-1.5">
      {steps.map(({ name, command, condition }) => (
        <li key={name} className="flex min-w-0 flex-col border-s-2 border-line ps-2">
          {command === undefined ? (
            <span className="text-sm text-ink-2">{words.own[name]}</span>
          ) : (
            <>
              <span className="font-mono text-sm wrap-anywhere">{name}</span>
              <code className="line-clamp-3 font-mono text-xs wrap-anywhere whitespace-pre-line text-ink-2">
                {command.trim()}
              </code>
            </>
          )}
          {condition && (
            <code className="font-mono text-xs wrap-anywhere text-ink-3">{words.condition(condition)}</code>
          )}
        </li>
      ))}
    </ol>
  );
}
