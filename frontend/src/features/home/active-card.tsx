/** What runs and what waits, each with how far it is: a bar against how long such builds usually take. */
import { Link } from "@tanstack/react-router";
import type { ActiveBuild } from "@/api/types";
import { BuildPlace, BuildTimes, subjectOf, Unreachable } from "@/components/builds";
import { StatusBadge } from "@/components/ui";
import { useNow } from "@/lib/clock";
import { formatDuration } from "@/lib/format";
import { t } from "@/messages";

const words = t.home.progress;
/** What is over by less is as usual. */
const NOT_WORTH_SAYING = 0.1;

export function Active({ builds }: { builds: readonly ActiveBuild[] }) {
  if (builds.length === 0) return <p className="text-ink-3">{t.home.noActive}</p>;
  return (
    <ul aria-label={t.home.active} className="card divide-y divide-line overflow-hidden">
      {builds.map((one) => (
        <Row key={one.build.id} one={one} />
      ))}
    </ul>
  );
}

function Row({ one: { build, usual_ms } }: { one: ActiveBuild }) {
  const isRunning = build.status === "running" && build.started_at;
  return (
    <li className="relative flex flex-col gap-1 px-4 py-2.5 hover:bg-sunken">
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
      {isRunning && usual_ms && <Progress since={build.started_at ?? 0} usual={usual_ms} />}
    </li>
  );
}

function Progress({ since, usual }: { since: number; usual: number }) {
  const left = usual - (useNow("second") - since * 1000);
  const isLate = left < -usual * NOT_WORTH_SAYING;
  return (
    <p className="flex items-center gap-2 text-sm text-ink-2">
      <progress
        aria-label={words.label}
        max={usual}
        value={Math.min(usual, Math.max(0, usual - left))}
        className="h-1.5 w-40 max-w-full accent-running"
      />
      {isLate && words.slower(formatDuration(-left))}
      {left > 0 && words.left(formatDuration(inSteps(left)))}
    </p>
  );
}

/** A guess that ticks each second would promise too much. */
function inSteps(ms: number): number {
  const step = ms > 60_000 ? 60_000 : 10_000;
  return Math.ceil(ms / step) * step;
}
