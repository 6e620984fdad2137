/** What only the runner pages read. Keys start with the noun, as lib/live/patch.ts expects: runner/<id>. */
import { queryOptions } from "@tanstack/react-query";
import type { Runtime } from "@/lib/instances/runtime";
import { buildsQuery } from "@/lib/queries";

export const runnerQuery = (rt: Runtime, id: string) =>
  queryOptions({
    queryKey: rt.key("runner", id),
    queryFn: ({ signal }) => rt.api.get("/v1/runners/{runner_id}", { path: { runner_id: id }, signal }),
  });

/** The newest builds that were handed to a runner, the present one first. */
export const runnerBuildsQuery = (rt: Runtime, runnerId: string) =>
  buildsQuery(rt, { runner_id: runnerId, limit: 10 });
