/** How an instance of the list is doing, asked only while somebody looks at it. */
import { queryOptions } from "@tanstack/react-query";
import { probe } from "./probe";
import type { Runtime } from "./runtime";

const EVERY_MS = 30_000;

/** For the instance's own cache. In the background, and when nobody shows it, nothing is asked. */
export const healthQuery = (runtime: Runtime) =>
  queryOptions({
    queryKey: runtime.key("health"),
    queryFn: ({ signal }) => probe(runtime.instance.url, signal),
    staleTime: EVERY_MS / 2,
    refetchInterval: EVERY_MS,
  });
