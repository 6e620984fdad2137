/** What home shows, in one answer. What is pinned is asked for by name, as this browser keeps it. */
import { queryOptions } from "@tanstack/react-query";
import type { Runtime } from "@/lib/instances/runtime";
import { every } from "@/lib/queries";

/** What waits becomes what waits for long without any event. */
const REFETCH_MS = 300_000;

export const homeQuery = (rt: Runtime, pins: readonly string[]) =>
  queryOptions({
    queryKey: rt.key("home", pins),
    queryFn: ({ signal }) =>
      rt.api.get("/v1/home", { query: pins.length > 0 ? { pinned: pins.join(",") } : {}, signal }),
    refetchInterval: every(rt, REFETCH_MS),
  });
