/** Starts a page's first queries while its chunk is still loading, also when a link is pointed at. It must not wait for them. */
import type { QueryClient } from "@tanstack/react-query";
import { currentRuntime } from "./instances/current";
import type { Runtime } from "./instances/runtime";

type Options = Parameters<QueryClient["prefetchQuery"]>[0];

export function warm(queries: (runtime: Runtime) => unknown[]): void {
  const runtime = currentRuntime();
  if (!runtime.session.token()) return;
  for (const options of queries(runtime)) void runtime.queryClient.prefetchQuery(options as Options);
}
