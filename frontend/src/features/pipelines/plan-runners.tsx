/** Which runners could take a build of a plan now, for those who may see runners. The server decides when there is a build. */
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useId } from "react";
import { toApiError } from "@/api/errors";
import type { Runner } from "@/api/types";
import { Icon, RunnerBadge } from "@/components/ui";
import { useCan } from "@/lib/capabilities";
import { reasonOf } from "@/lib/form";
import { useRuntime } from "@/lib/instances/current";
import { runnerListQuery } from "@/lib/queries";

import { pipelinePlan as words } from "@/messages/en/pipeline-plan";
import type { Plan } from "./plan";
import { missingLabels, takesBuilds } from "./runner-fit";

const RUNNERS_AT_ONCE = 5;

type Props = { plan: Plan; labels: readonly string[] };

export function PlanRunners({ plan, labels }: Props) {
  const id = useId();
  const isAllowed = useCan()("runners.read");
  const { data, error } = useQuery({ ...runnerListQuery(useRuntime()), enabled: isAllowed });
  if (!isAllowed) return null;
  const required = [...new Set([...plan.labels, ...labels.map((label) => label.toLowerCase())])].sort();
  return (
    <div className="flex flex-col gap-1.5">
      <h3 id={id} className="font-medium">
        {words.runners}
      </h3>
      {required.length > 0 && (
        <p className="text-sm text-ink-3">
          {words.needs} <code className="font-mono wrap-anywhere text-ink-2">{required.join(", ")}</code>
        </p>
      )}
      {data ? (
        <>
          <Fitting runners={data.runners} required={required} labelledBy={id} />
          {data.total > data.runners.length && (
            <p className="text-sm text-ink-3">{words.lookedAt(data.runners.length)}</p>
          )}
        </>
      ) : (
        <p className="text-ink-3">{error ? reasonOf(toApiError(error)) : words.looking}</p>
      )}
    </div>
  );
}

type FittingProps = { runners: readonly Runner[]; required: readonly string[]; labelledBy: string };

function Fitting({ runners, required, labelledBy }: FittingProps) {
  const lacks = runners.map((runner) => ({ runner, missing: missingLabels(runner, required) }));
  const fitting = lacks.flatMap(({ runner, missing }) => (missing.length === 0 ? [runner] : []));
  const ready = fitting.filter(takesBuilds);
  const listed = [...ready, ...fitting.filter((runner) => !takesBuilds(runner))];
  const closest = lacks.map(({ missing }) => missing).sort((one, other) => one.length - other.length)[0];
  return (
    <>
      {runners.length === 0 && <Warning text={words.noRunner} />}
      {runners.length > 0 && fitting.length === 0 && (
        <Warning text={words.noneFits(closest?.join(", ") ?? "")} />
      )}
      {fitting.length > 0 && ready.length === 0 && <Warning text={words.noneTakes} />}
      <ul aria-labelledby={labelledBy} className="flex flex-col gap-1 empty:hidden">
        {listed.slice(0, RUNNERS_AT_ONCE).map((runner) => (
          <li key={runner.id} className="flex flex-wrap items-center gap-x-2">
            <Link
              to="/runners/$runnerId"
              params={{ runnerId: runner.id }}
              className="tap min-w-0 wrap-anywhere text-ink underline underline-offset-2"
            >
              {runner.name}
            </Link>
            <RunnerBadge status={runner.status} />
            {runner.excluded_by_mode && <span className="text-sm text-ink-3">{words.excluded}</span>}
          </li>
        ))}
      </ul>
      {listed.length > RUNNERS_AT_ONCE && (
        <p className="text-sm text-ink-3">{words.moreRunners(listed.length - RUNNERS_AT_ONCE)}</p>
      )}
    </>
  );
}

function Warning({ text }: { text: string }) {
  return (
    <p className="flex items-start gap-2 text-warning">
      <Icon name="alert" className="mt-0.5 size-4" />
      <span className="min-w-0 wrap-anywhere">{text}</span>
    </p>
  );
}
