/** Reading where artifacts are stored. */
import { queryOptions } from "@tanstack/react-query";
import type { Runtime } from "@/lib/instances/runtime";

/** What is wrong with the place is found out while the page is away too, so it asks anew. */
export const storageQuery = (rt: Runtime) =>
  queryOptions({
    queryKey: rt.key("storage"),
    queryFn: ({ signal }) => rt.api.get("/v1/settings/artifact-storage", { signal }),
    staleTime: 0,
  });
