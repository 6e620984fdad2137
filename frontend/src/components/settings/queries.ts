/** Query options that several settings pages read. It must not hold mutations. */
import { queryOptions } from "@tanstack/react-query";
import type { Runtime } from "@/lib/instances/runtime";

export const preferencesQuery = (rt: Runtime) =>
  queryOptions({
    queryKey: rt.key("preferences"),
    queryFn: ({ signal }) => rt.api.get("/v1/settings/preferences", { signal }),
  });
