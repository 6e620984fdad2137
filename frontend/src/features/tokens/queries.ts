/** Reading API tokens. Whose tokens are listed is the server's choice. */
import { queryOptions } from "@tanstack/react-query";
import type { Runtime } from "@/lib/instances/runtime";
import { type TokensSearch, toQuery } from "./search";

export const tokensQuery = (rt: Runtime, search: TokensSearch) =>
  queryOptions({
    queryKey: rt.key("tokens", search),
    queryFn: ({ signal }) => rt.api.get("/v1/api-tokens", { query: toQuery(search), signal }),
  });
