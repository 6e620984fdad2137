/** What a build of the edited settings would do, how long it may take, and which runners could take it now, as the server says. It must not block saving. */
import { type ReactNode, useId } from "react";
import type { PipelinePlan, PlanStep } from "@/api/types";
import { Skeleton } from "@/components/ui";
import { formatDuration } from "@/lib/format";
import { platformName } from "@/lib/platform";
import { pipelinePlan as words } from "@/messages/en/pipeline-plan";
import type { Check } from "./live-check";
import { PlanRunners } from "./plan-runners";
import { usePlan } from "./use-plan";

/** More would push the rest off the screen. */
const STEPS_AT_ONCE = 8;

export type PlanPreviewProps = { check: Check };

export function PlanPreview({ check }: PlanPreviewProps) {
  const { plan, isBehind } = usePlan(check);
  const id = useId();
  if (!plan && check.pending) return <Skeleton className="h-80" />;
  const isText = check.asked.repository_yaml !== undefined;
  return (
    <section aria-labelledby={id} className="card flex min-w-0 flex-col gap-3 p-4">
      <h2 id={id} className="text-lg font-semibold">
        {words.title}
      </h2>
      {isBehind && <p className="text-warning">{isText ? words.behind : words.behindForm}</p>}
      {plan ? <Planned plan={plan} /> : <p className="text-ink-3">{words.none}</p>}
    </section>
  );
}

function Planned({ plan }: { plan: PipelinePlan }) {
  const { platforms, requirements, runners } = plan;
  return (
    <>
      <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-1">
        <Row name={words.platforms}>{platforms.map(platformName).join(", ") || "–"}</Row>
        <Row name={words.time}>
          <Estimate plan={plan} />
        </Row>
      </dl>
      <Steps plan={plan} />
      {runners && <PlanRunners runners={runners} required={requirements} />}
    </>
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

function Estimate({ plan: { usual_ms, builds } }: { plan: PipelinePlan }) {
  if (usual_ms == null) {
    return <span className="text-ink-3">{builds > 1 ? words.timeOfMatrix : words.timeUnknown}</span>;
  }
  return (
    <>
      <span className="tabular">{words.about(formatDuration(usual_ms))}</span>
      <span className="block text-sm text-ink-3">{words.median}</span>
    </>
  );
}

function Steps({ plan: { steps, builds } }: { plan: PipelinePlan }) {
  const id = useId();
  const isLong = steps.length > STEPS_AT_ONCE + 1;
  const first = isLong ? steps.slice(0, STEPS_AT_ONCE) : steps;
  const rest = steps.slice(first.length);
  return (
    <div className="flex flex-col gap-1.5">
      <h3 id={id} className="font-medium">
        {words.steps}
      </h3>
      {builds > 1 && <p className="text-sm text-ink-2">{words.matrix}</p>}
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

type StepListProps = { steps: readonly PlanStep[]; labelledBy: string; start?: number };

function StepList({ steps, labelledBy, start }: StepListProps) {
  return (
    <ol aria-labelledby={labelledBy} start={start} className="flex flex-col gap-1.5">
      {steps.map(({ name, command, condition }) => (
        <li key={name} className="flex min-w-0 flex-col border-s-2 border-line ps-2">
          {command == null ? (
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
