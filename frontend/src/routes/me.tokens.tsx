/** `/me/tokens`: the list's state is in the URL; defaults are left out. Only what parses it belongs to the first page. */
import { createFileRoute } from "@tanstack/react-router";
import { parseTokensSearch, type TokensSearch } from "@/features/tokens/search";

export const Route = createFileRoute("/me/tokens")({
  validateSearch: (search: Record<string, unknown>): TokensSearch => parseTokensSearch(search),
});
