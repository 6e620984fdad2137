/** The instance's preferences, apart from `queries`: the pages without the shell do without. It must not hold mutations. */
import { queryOptions } from "@tanstack/react-query";
import type { Runtime } from "./instances/runtime";

/** An event tells of a change; a page that has not been open all the time asks anew. */
export const preferencesQuery = (rt: Runtime) =>
  queryOptions({
    queryKey: rt.key("preferences"),
    queryFn: ({ signal }) => rt.api.get("/v1/settings/preferences", { signal }),
    staleTime: 0,
  });
