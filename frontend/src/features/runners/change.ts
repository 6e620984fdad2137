/** Changing a runner: the answer is shown at once, the list is read anew. */
import { useQueryClient } from "@tanstack/react-query";
import type { Runner, UpdateRunnerRequest } from "@/api/types";
import { useRuntime } from "@/lib/instances/current";
import { runnerQuery } from "./queries";

export function useChange(runner: Runner): (body: UpdateRunnerRequest) => Promise<void> {
  const runtime = useRuntime();
  const cache = useQueryClient();
  return async (body) => {
    const path = { runner_id: runner.id };
    const { runner: changed } = await runtime.api.patch("/v1/runners/{runner_id}", { path, body });
    const { queryKey } = runnerQuery(runtime, runner.id);
    cache.setQueryData(queryKey, (old) => old && { ...old, runner: changed });
    void cache.invalidateQueries({ queryKey: runtime.key("runners") });
  };
}
