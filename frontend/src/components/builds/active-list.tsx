/** What runs and what waits, each with how far it is: a bar against how long such builds usually take. */
import { Link } from "@tanstack/react-router";
import type { ActiveBuild } from "@/api/types";
import { StatusBadge } from "@/components/ui";
import { t } from "@/messages";
import { BuildPlace, BuildTimes, subjectOf, Unreachable } from "./facts";
import { Progress } from "./progress";

export function ActiveList({ builds, label }: { builds: readonly ActiveBuild[]; label: string }) {
  return (
    <ul aria-label={label} className="card divide-y divide-line overflow-hidden">
      {builds.map((one) => (
        <Row key={one.build.id} one={one} />
      ))}
    </ul>
  );
}

function Row({ one: { build, usual_ms } }: { one: ActiveBuild }) {
  // While its runner is silent nobody knows how a build goes.
  const isRunning = build.status === "running" && build.started_at && !build.unreachable;
  return (
    <li className="relative flex flex-col gap-1 px-4 py-2.5 hover:bg-sunken compact:md:flex-row compact:md:flex-wrap compact:md:items-center compact:md:gap-x-4">
      <p className="flex min-w-0 flex-wrap items-center gap-x-2 gap-y-1">
        <StatusBadge status={build.status} />
        <Link
          to="/builds/$buildId"
          params={{ buildId: build.id }}
          data-row=""
          className="min-h-6 min-w-0 truncate leading-6 font-medium after:absolute after:inset-0 hover:underline"
        >
          {subjectOf(build)}
        </Link>
        <span className="tabular text-ink-3">{t.builds.number(build.build_number)}</span>
      </p>
      <p className="flex flex-wrap items-center gap-x-3 gap-y-0.5 text-sm text-ink-2">
        <span className="relative z-10 inline-flex min-w-0">
          <BuildPlace build={build} />
        </span>
        <BuildTimes build={build} />
        <Unreachable build={build} />
        {build.waiting_reason && <span className="text-warning">{build.waiting_reason}</span>}
      </p>
      {isRunning && usual_ms && (
        <p className="text-sm text-ink-2">
          <Progress since={build.started_at ?? 0} usual={usual_ms} />
        </p>
      )}
    </li>
  );
}
