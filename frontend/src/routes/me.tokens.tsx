/** `/me/tokens`: the list's search and page are in the URL; defaults are left out. */
import { createFileRoute } from "@tanstack/react-router";
import { tokensQuery } from "@/features/tokens/queries";
import { parseTokensSearch, type TokensSearch } from "@/features/tokens/search";
import { warm } from "@/lib/warm";

export const Route = createFileRoute("/me/tokens")({
  validateSearch: (search: Record<string, unknown>): TokensSearch => parseTokensSearch(search),
  loaderDeps: ({ search }) => search,
  loader: ({ deps }) => warm((rt) => [tokensQuery(rt, deps)]),
});
