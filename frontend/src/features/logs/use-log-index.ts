/** The server's outline of a log, asked for when it is needed first: most people only read. */
import { useMemo } from "react";
import type { BuildLogIndex } from "@/api/types";
import { logIndexQuery } from "@/lib/build-queries";
import { useRuntime } from "@/lib/instances/current";

export interface LogIndex {
  load(): Promise<BuildLogIndex>;
}

export function useLogIndex(buildId: string, phase: "active" | "ended"): LogIndex {
  const runtime = useRuntime();
  return useMemo(
    () => ({ load: () => runtime.queryClient.fetchQuery(logIndexQuery(runtime, buildId, phase)) }),
    [runtime, buildId, phase],
  );
}
