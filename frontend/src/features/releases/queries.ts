/** Reading releases. Keys start with `releases`, as lib/live/patch.ts expects. */
import { queryOptions } from "@tanstack/react-query";
import type { Runtime } from "@/lib/instances/runtime";

/** The newest one of each app. */
export const releasesQuery = (rt: Runtime) =>
  queryOptions({
    queryKey: rt.key("releases"),
    queryFn: ({ signal }) => rt.api.get("/v1/releases", { signal }),
  });

/** A page of one app's, newest first, from `cursor` on; the first says what is under way. */
export const projectReleasesQuery = (rt: Runtime, projectId: string, cursor?: string) =>
  queryOptions({
    queryKey: rt.key("releases", projectId, cursor),
    queryFn: ({ signal }) =>
      rt.api.get("/v1/projects/{project_id}/releases", {
        path: { project_id: projectId },
        query: { cursor },
        signal,
      }),
  });
