/** Which runners could take a build of a plan now, as the server foretells it, for those who may see runners. */
import { Link } from "@tanstack/react-router";
import { useId } from "react";
import type { PlanRunner } from "@/api/types";
import { Icon, RunnerBadge } from "@/components/ui";
import { pipelinePlan as words } from "@/messages/en/pipeline-plan";

const RUNNERS_AT_ONCE = 5;

type Props = {
  /** First those that would take it, then those that lack the least. */
  runners: readonly PlanRunner[];
  required: readonly string[];
};

export function PlanRunners({ runners, required }: Props) {
  const id = useId();
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
      <Fitting runners={runners} labelledBy={id} />
    </div>
  );
}

function Fitting({ runners, labelledBy }: { runners: readonly PlanRunner[]; labelledBy: string }) {
  const fitting = runners.filter(({ missing }) => missing.length === 0);
  const [first] = runners;
  return (
    <>
      {first ? <Doubt first={first} /> : <Warning text={words.noRunner} />}
      <ul aria-labelledby={labelledBy} className="flex flex-col gap-1 empty:hidden">
        {fitting.slice(0, RUNNERS_AT_ONCE).map((runner) => (
          <li key={runner.id} className="flex flex-wrap items-center gap-x-2">
            <Link
              to="/runners/$runnerId"
              params={{ runnerId: runner.id }}
              className="tap min-w-0 wrap-anywhere text-ink underline underline-offset-2"
            >
              {runner.name}
            </Link>
            <RunnerBadge status={runner.status} />
          </li>
        ))}
      </ul>
      {fitting.length > RUNNERS_AT_ONCE && (
        <p className="text-sm text-ink-3">{words.moreRunners(fitting.length - RUNNERS_AT_ONCE)}</p>
      )}
    </>
  );
}

/** Why nobody takes it: the first of them comes closest. */
function Doubt({ first: { missing, status } }: { first: PlanRunner }) {
  if (missing.length > 0) return <Warning text={words.noneFits(missing.join(", "))} />;
  return status === "online" || status === "busy" ? null : <Warning text={words.noneTakes} />;
}

function Warning({ text }: { text: string }) {
  return (
    <p className="flex items-start gap-2 text-warning">
      <Icon name="alert" className="mt-0.5 size-4" />
      <span className="min-w-0 wrap-anywhere">{text}</span>
    </p>
  );
}
