/** Reading what the daemon said. Nothing on the event stream tells of it. */
import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import type { Runtime } from "@/lib/instances/runtime";
import type { SystemSearch } from "./search";

export const messagesQuery = (rt: Runtime, { level, q }: SystemSearch, limit: number) =>
  queryOptions({
    queryKey: rt.key("system", "messages", { level, q, limit }),
    queryFn: ({ signal }) => rt.api.get("/v1/system/messages", { query: { level, q, limit }, signal }),
    // Whoever looks for a fault wants what was said just now.
    staleTime: 0,
    placeholderData: keepPreviousData,
  });
