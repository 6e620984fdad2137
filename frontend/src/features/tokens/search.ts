/** The search parameters of the list of API tokens. Defaults are left out of the URL. */
import { offsetOf, textOf } from "@/lib/search";

export type TokensSearch = { q?: string; offset?: number };

export function parseTokensSearch(search: Record<string, unknown>): TokensSearch {
  const q = textOf(search.q);
  return { ...(q ? { q } : {}), ...offsetOf(search) };
}
