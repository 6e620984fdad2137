/** All runners: state, system, what they can build. A runner is added on a page of its own. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { Runner } from "@/api/types";
import { PausedNotice } from "@/components/paused-notice";
import { Page } from "@/components/shell";
import { Badge, ButtonLink, EmptyState, Icon, Pager, QueryView, RunnerBadge, TimeAgo } from "@/components/ui";
import { useCan } from "@/lib/capabilities";
import { formatNumber } from "@/lib/format";
import { useRuntime } from "@/lib/instances/current";
import { RUNNERS_PER_PAGE, runnerListQuery } from "@/lib/queries";
import { factsOf, summaryOf } from "@/lib/runner-facts";
import { runnerPages as words } from "@/messages/en/runner-pages";
import { Labels } from "./labels";

type Props = { offset: number; onOffset: (offset: number) => void };

export function RunnersPage({ offset, onOffset }: Props) {
  const query = useQuery({ ...runnerListQuery(useRuntime(), offset), placeholderData: keepPreviousData });
  return (
    <Page title={words.title} actions={<Add />}>
      <PausedNotice />
      <QueryView query={query} name={words.title}>
        {({ runners, online_total, total }) =>
          total === 0 ? (
            <EmptyState icon="runner" title={words.emptyTitle} actions={<Add />}>
              <p>{words.emptyText}</p>
            </EmptyState>
          ) : (
            <div className="flex flex-col gap-3">
              <p className="text-ink-2">{words.online(formatNumber(online_total), formatNumber(total))}</p>
              <ul className="card divide-y divide-line empty:hidden" aria-label={words.title}>
                {runners.map((runner) => (
                  <RunnerRow key={runner.id} runner={runner} />
                ))}
              </ul>
              <Pager offset={offset} limit={RUNNERS_PER_PAGE} total={total} onOffset={onOffset} />
            </div>
          )
        }
      </QueryView>
    </Page>
  );
}

function Add() {
  const can = useCan();
  if (!can("runners.write")) return null;
  return (
    <ButtonLink to="/runners/new" variant="primary" icon="add">
      {words.add.open}
    </ButtonLink>
  );
}

function RunnerRow({ runner }: { runner: Runner }) {
  const facts = factsOf(runner);
  return (
    <li className="relative flex items-center gap-x-4 px-4 py-2.5 hover:bg-sunken">
      <Icon name="runner" className="size-5 text-ink-3" />
      <div className="min-w-0 grow">
        <Link
          to="/runners/$runnerId"
          params={{ runnerId: runner.id }}
          className="tap font-medium after:absolute after:inset-0 hover:underline"
        >
          {runner.name}
        </Link>
        <p className="text-sm text-ink-3">{[words[facts.kind], facts.system].filter(Boolean).join(" · ")}</p>
        <p className="text-sm text-ink-2">{summaryOf(facts).join(" · ")}</p>
        {runner.drain && (
          <p className="text-sm wrap-anywhere text-warning">{words.drain.short(runner.drain.reason)}</p>
        )}
        {runner.labels.length > 0 && (
          <div className="mt-1">
            <Labels labels={runner.labels} name={words.labels.title} />
          </div>
        )}
      </div>
      <span className="flex flex-col items-end gap-1">
        {runner.excluded_by_mode ? (
          <Badge tone="warning" icon="pause">
            {words.excluded.badge}
          </Badge>
        ) : (
          <RunnerBadge status={runner.status} />
        )}
        {runner.slots > 1 && (
          <span className="text-sm text-ink-2">{words.busySlots(runner.busy_slots, runner.slots)}</span>
        )}
        <span className="text-sm text-ink-3">
          {runner.last_heartbeat_at ? <TimeAgo at={runner.last_heartbeat_at} /> : words.never}
        </span>
      </span>
    </li>
  );
}
