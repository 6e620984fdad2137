/** The search parameters of the list of API tokens. Defaults are left out of the URL. */
import { offsetOf, textOf } from "@/lib/search";

export type TokensSearch = { q?: string; offset?: number };

export const PAGE_SIZE = 50;

export function parseTokensSearch(search: Record<string, unknown>): TokensSearch {
  const q = textOf(search.q);
  return { ...(q ? { q } : {}), ...offsetOf(search) };
}

export function toQuery({ q, offset }: TokensSearch) {
  return { q, sort: "created_at", direction: "desc", limit: PAGE_SIZE, offset };
}
