/** What the machine has for a first build, and the apps that are on it. */
import { queryOptions } from "@tanstack/react-query";
import type { Runtime } from "@/lib/instances/runtime";
import { every } from "@/lib/queries";

const LIVE_MS = 3_000;

/** Asked for again and again while the page is seen: the page stands without the event stream. */
export const startQuery = (rt: Runtime) =>
  queryOptions({
    queryKey: rt.key("start"),
    queryFn: ({ signal }) => rt.api.get("/v1/start", { signal }),
    refetchInterval: every(rt, LIVE_MS),
    staleTime: 0,
  });

/** Looking through folders takes a moment, so that is done when asked. */
export const startAppsQuery = (rt: Runtime) =>
  queryOptions({
    queryKey: rt.key("start-apps"),
    queryFn: ({ signal }) => rt.api.get("/v1/start/apps", { signal }),
    staleTime: 60_000,
  });
