/** All runners with their state. Registering and draining are not part of this page yet. */
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { Runner } from "@/api/types";
import { Page } from "@/components/shell";
import { CopyLine, EmptyState, Icon, QueryView, RunnerBadge, TimeAgo } from "@/components/ui";
import { formatNumber } from "@/lib/format";
import { useRuntime } from "@/lib/instances/current";
import { runnersQuery } from "@/lib/queries";
import { factsOf } from "@/lib/runner-facts";
import { t } from "@/messages";

export function RunnersPage() {
  const query = useQuery(runnersQuery(useRuntime(), { limit: 100 }));
  return (
    <Page title={t.runners.title}>
      <QueryView query={query} name={t.runners.title}>
        {({ runners, online_total, total }) =>
          runners.length === 0 ? (
            <EmptyState icon="runner" title={t.runners.emptyTitle}>
              <p>{t.runners.emptyText}</p>
              <CopyLine text={t.runners.emptyCommand} />
            </EmptyState>
          ) : (
            <>
              <p className="mb-2 text-ink-2">
                {t.runners.online(formatNumber(online_total), formatNumber(total))}
              </p>
              <ul className="card divide-y divide-line">
                {runners.map((runner) => (
                  <RunnerRow key={runner.id} runner={runner} />
                ))}
              </ul>
            </>
          )
        }
      </QueryView>
    </Page>
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
      </div>
      <span className="flex flex-col items-end gap-1">
        <RunnerBadge status={runner.status} />
        <span className="text-sm text-ink-3">
          {runner.last_heartbeat_at ? <TimeAgo at={runner.last_heartbeat_at} /> : t.runners.never}
        </span>
      </span>
    </li>
  );
}
