/** All runners: state, system, what they can build. A runner is added on a page of its own. */
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { Runner } from "@/api/types";
import { Page } from "@/components/shell";
import {
  Badge,
  Banner,
  ButtonLink,
  EmptyState,
  Icon,
  QueryView,
  RunnerBadge,
  TimeAgo,
} from "@/components/ui";
import { useCan } from "@/lib/capabilities";
import { formatNumber } from "@/lib/format";
import { useRuntime } from "@/lib/instances/current";
import { runnersQuery } from "@/lib/queries";
import { factsOf, summaryOf } from "@/lib/runner-facts";
import { t } from "@/messages";
import { runnerPages as words } from "@/messages/en/runner-pages";

export function RunnersPage() {
  const query = useQuery(runnersQuery(useRuntime(), { limit: 100 }));
  return (
    <Page title={t.runners.title} actions={<Add />}>
      <QueryView query={query} name={t.runners.title}>
        {({ runners, online_total, total }) =>
          runners.length === 0 ? (
            <EmptyState icon="runner" title={t.runners.emptyTitle} actions={<Add />}>
              <p>{t.runners.emptyText}</p>
            </EmptyState>
          ) : (
            <div className="flex flex-col gap-3">
              {runners.some((runner) => runner.excluded_by_mode && !runner.embedded) && (
                <Banner tone="warning" title={words.excluded.title}>
                  <p>{words.excluded.external}</p>
                </Banner>
              )}
              <p className="text-ink-2">
                {t.runners.online(formatNumber(online_total), formatNumber(total))}
              </p>
              <ul className="card divide-y divide-line" aria-label={t.runners.title}>
                {runners.map((runner) => (
                  <RunnerRow key={runner.id} runner={runner} />
                ))}
              </ul>
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
        <p className="text-sm text-ink-3">
          {[t.runners[facts.kind], facts.system].filter(Boolean).join(" · ")}
        </p>
        <p className="text-sm text-ink-2">{summaryOf(facts).join(" · ")}</p>
      </div>
      <span className="flex flex-col items-end gap-1">
        {runner.excluded_by_mode ? (
          <Badge tone="warning" icon="pause">
            {words.excluded.badge}
          </Badge>
        ) : (
          <RunnerBadge status={runner.status} />
        )}
        <span className="text-sm text-ink-3">
          {runner.last_heartbeat_at ? <TimeAgo at={runner.last_heartbeat_at} /> : t.runners.never}
        </span>
      </span>
    </li>
  );
}
