/** Reading the instance's retention, and what it did last. */
import { queryOptions } from "@tanstack/react-query";
import type { Runtime } from "@/lib/instances/runtime";

export const retentionQuery = (rt: Runtime) =>
  queryOptions({
    queryKey: rt.key("retention", "policy"),
    queryFn: ({ signal }) => rt.api.get("/v1/settings/retention", { signal }),
    staleTime: 0,
  });

export const lastCleanupQuery = (rt: Runtime) =>
  queryOptions({
    queryKey: rt.key("retention", "last"),
    queryFn: ({ signal }) => rt.api.get("/v1/settings/retention/last-cleanup", { signal }),
    staleTime: 0,
  });
