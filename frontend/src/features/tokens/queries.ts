/** Reading API tokens. Whose tokens are listed is the server's choice. */
import { queryOptions } from "@tanstack/react-query";
import type { Runtime } from "@/lib/instances/runtime";
import type { TokensSearch } from "./search";

export const PAGE_SIZE = 50;

export const tokensQuery = (rt: Runtime, search: TokensSearch) =>
  queryOptions({
    queryKey: rt.key("tokens", search),
    queryFn: ({ signal }) => {
      const query = { ...search, sort: "created_at", direction: "desc", limit: PAGE_SIZE };
      return rt.api.get("/v1/api-tokens", { query, signal });
    },
  });
