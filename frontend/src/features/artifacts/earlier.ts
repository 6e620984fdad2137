/**
 * How large the artifacts of the last build that passed before one are. It asks once, and not for what it cannot compare with: what
 * came before a build that passed is looked for among the newest releases.
 */
import { queryOptions, useQuery } from "@tanstack/react-query";
import type { Artifact, Build } from "@/api/types";
import { combinationText } from "@/components/builds";
import { artifactsQuery, failureQuery } from "@/lib/build-queries";
import { useRuntime } from "@/lib/instances/current";
import type { Runtime } from "@/lib/instances/runtime";

const NEWEST = 50;

export interface Earlier {
  readonly buildNumber: number;
  /** In bytes, by the name of the artifact. */
  readonly sizes: ReadonlyMap<string, number>;
}

/** News of builds don't change what came before one, so they leave it alone. */
const releasesQuery = (rt: Runtime, projectId: string) =>
  queryOptions({
    queryKey: rt.key("artifacts-before", projectId),
    queryFn: ({ signal }) =>
      rt.api.get("/v1/projects/{project_id}/releases", {
        path: { project_id: projectId },
        query: { limit: NEWEST },
        signal,
      }),
    staleTime: 300_000,
  });

/** Nothing until it is known, and where there is none. */
export function useEarlier(build: Build, artifacts: readonly Artifact[]): Earlier | null {
  const runtime = useRuntime();
  const isWanted = artifacts.some(({ file_size }) => typeof file_size === "number");
  const hasFailed = build.status === "failed" || build.status === "timed_out";
  // The card of the failure asks for the same.
  const failure = useQuery({ ...failureQuery(runtime, build.id), enabled: isWanted && hasFailed });
  const passed = failure.data?.last_passed;
  const ofPassed = useQuery({
    ...artifactsQuery(runtime, passed?.id ?? ""),
    enabled: isWanted && passed != null,
  });
  const releases = useQuery({
    ...releasesQuery(runtime, build.project_id),
    enabled: isWanted && !hasFailed,
  });
  if (passed && ofPassed.data) return earlier(passed.build_number, ofPassed.data.artifacts);
  const release = releases.data?.releases.find((one) => isBefore(one.build, build));
  return release ? earlier(release.build.build_number, release.artifacts) : null;
}

function earlier(buildNumber: number, artifacts: readonly Artifact[]): Earlier {
  const sizes = new Map<string, number>();
  for (const { name, file_size } of artifacts) if (typeof file_size === "number") sizes.set(name, file_size);
  return { buildNumber, sizes };
}

function isBefore(one: Build, build: Build): boolean {
  return (
    one.pipeline_id === build.pipeline_id &&
    one.branch === build.branch &&
    combinationText(one.matrix) === combinationText(build.matrix) &&
    one.build_number < build.build_number
  );
}
