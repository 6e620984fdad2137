/** Makes the QueryClient of one instance. There is one per instance; it must never be shared between two. */
import { type Query, QueryClient } from "@tanstack/react-query";
import { toApiError } from "@/api/errors";

const FIRST_RETRY_MS = 2_000;
const SLOWEST_RETRY_MS = 30_000;

export function createQueryClient(instanceId: string): QueryClient {
  const client = new QueryClient({
    defaultOptions: {
      queries: {
        // The event stream says what changed; until then data is fresh. The API core does the one silent retry.
        staleTime: 60_000,
        gcTime: 30 * 60_000,
        retry: false,
        refetchOnWindowFocus: false,
        refetchOnReconnect: false,
        networkMode: "always",
        refetchInterval: retryInterval,
      },
      mutations: { retry: false, networkMode: "always" },
    },
  });
  if (process.env.NODE_ENV !== "production") assertOwnKeys(client, instanceId);
  return client;
}

/** While developing and testing: data of another instance in this cache is a fault of ours, to be seen at once. */
function assertOwnKeys(client: QueryClient, instanceId: string): void {
  client.getQueryCache().subscribe(({ type, query: { queryKey } }) => {
    if (type === "added" && queryKey[1] !== instanceId)
      throw new Error(`the cache of ${instanceId} was given ${JSON.stringify(queryKey)}`);
  });
}

/** A failed query tries again with growing pauses while its error is on screen; a healthy one never polls. */
function retryInterval(query: Query): number | false {
  const { error, errorUpdateCount } = query.state;
  if (!error || !toApiError(error).transient) return false;
  return Math.min(FIRST_RETRY_MS * 2 ** Math.max(0, errorUpdateCount - 1), SLOWEST_RETRY_MS);
}
