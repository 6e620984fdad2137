/**
 * How long a build that runs will still take, by the last ones of its pipeline that passed; nothing at all where there are too
 * few to guess from.
 */
import { useQuery } from "@tanstack/react-query";
import type { Build } from "@/api/types";
import { Progress } from "@/components/builds";
import { useRuntime } from "@/lib/instances/current";
import { buildsQuery } from "@/lib/queries";

const LOOKED_AT = 10;
const FEWEST = 3;

export function TimeLeft({ build }: { build: Build }) {
  if (build.status !== "running" || !build.started_at) return null;
  return <Guess build={build} since={build.started_at} />;
}

function Guess({ build, since }: { build: Build; since: number }) {
  const runtime = useRuntime();
  const { data } = useQuery(
    buildsQuery(runtime, { pipeline_id: build.pipeline_id, status: "succeeded", limit: LOOKED_AT }),
  );
  const usual = medianRun(data?.builds ?? [], build);
  return usual === null ? null : <Progress since={since} usual={usual} />;
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
