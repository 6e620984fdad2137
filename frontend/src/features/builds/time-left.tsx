/**
 * How long a build that runs will still take, by the last ones of its pipeline that passed. A guess: it must say "about",
 * and nothing at all where there are too few to guess from.
 */
import { useQuery } from "@tanstack/react-query";
import type { Build } from "@/api/types";
import { useNow } from "@/lib/clock";
import { formatDuration } from "@/lib/format";
import { useRuntime } from "@/lib/instances/current";
import { buildsQuery } from "@/lib/queries";
import { buildPage } from "@/messages/en/build-page";

const LOOKED_AT = 10;
const FEWEST = 3;
/** What is over by less is as usual. */
const NOT_WORTH_SAYING = 0.1;

export function TimeLeft({ build }: { build: Build }) {
  if (build.status !== "running" || !build.started_at) return null;
  return <Guess build={build} since={build.started_at} />;
}

function Guess({ build, since }: { build: Build; since: number }) {
  const runtime = useRuntime();
  const { data } = useQuery(
    buildsQuery(runtime, { pipeline_id: build.pipeline_id, status: "succeeded", limit: LOOKED_AT }),
  );
  const now = useNow("second");
  const usual = medianRun(data?.builds ?? [], build);
  if (usual === null) return null;
  const left = usual - (now - since * 1000);
  if (left < -usual * NOT_WORTH_SAYING) return <span>{buildPage.page.slower(formatDuration(-left))}</span>;
  return (
    <span className="inline-flex items-center gap-2">
      <progress
        aria-label={buildPage.page.progress}
        max={usual}
        value={Math.max(0, usual - left)}
        className="h-1.5 w-24 accent-running"
      />
      {left > 0 && buildPage.page.left(formatDuration(inSteps(left)))}
    </span>
  );
}

/** A guess that ticks each second would promise too much. */
function inSteps(ms: number): number {
  const step = ms > 60_000 ? 60_000 : 10_000;
  return Math.ceil(ms / step) * step;
}

/** Of builds with the same combination if it is one of a matrix. */
export function medianRun(builds: readonly Build[], of: Pick<Build, "matrix">): number | null {
  const combination = JSON.stringify(of.matrix ?? null);
  const runs = builds
    .filter(({ matrix }) => JSON.stringify(matrix ?? null) === combination)
    .flatMap(({ run_ms }) => run_ms ?? [])
    .toSorted((one, other) => one - other);
  return runs.length < FEWEST ? null : (runs[Math.floor(runs.length / 2)] ?? null);
}
