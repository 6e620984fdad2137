/** The server's outline of a log, asked for when it is needed first: most people only read. */
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import type { Build, BuildLogIndex } from "@/api/types";
import { isActive } from "@/components/ui";
import { logIndexQuery } from "@/lib/build-queries";
import { useRuntime } from "@/lib/instances/current";
import type { LogSnapshot } from "@/lib/log/session";

const NONE: BuildLogIndex["errors"] = [];

export interface LogIndex {
  load(): Promise<BuildLogIndex>;
}

/** Where the errors are: asked for where there are some to expect, else known once somebody looked for them. */
export function useKnownErrors(build: Build, log: LogSnapshot["phase"]): BuildLogIndex["errors"] {
  const hasFailed = build.status === "failed" || build.status === "timed_out";
  const phase = isActive(build.status) ? "active" : "ended";
  const { data } = useQuery({
    ...logIndexQuery(useRuntime(), build.id, phase),
    enabled: hasFailed && (log === "ended" || log === "apart"),
  });
  return data?.errors ?? NONE;
}

export function useLogIndex(buildId: string, phase: "active" | "ended"): LogIndex {
  const runtime = useRuntime();
  return useMemo(
    () => ({ load: () => runtime.queryClient.fetchQuery(logIndexQuery(runtime, buildId, phase)) }),
    [runtime, buildId, phase],
  );
}
