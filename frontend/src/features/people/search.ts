/** The search parameters of the list of people. Defaults are left out of the URL. */
import { offsetOf, oneOf, textOf } from "@/lib/search";

export const SORTS = [
  "created_at:desc",
  "created_at:asc",
  "email:asc",
  "email:desc",
  "role:asc",
  "role:desc",
  "status:asc",
  "status:desc",
] as const;
export type PeopleSort = (typeof SORTS)[number];
export type PeopleSearch = { q?: string; sort?: PeopleSort; offset?: number };

export const DEFAULT_SORT: PeopleSort = "created_at:desc";
export const PAGE_SIZE = 50;

export function parsePeopleSearch(search: Record<string, unknown>): PeopleSearch {
  const q = textOf(search.q);
  const sort = oneOf(search.sort, SORTS);
  return { ...(q ? { q } : {}), ...(sort && sort !== DEFAULT_SORT ? { sort } : {}), ...offsetOf(search) };
}

/** The wire's query for a list as the URL describes it. */
export function toQuery({ q, sort = DEFAULT_SORT, offset }: PeopleSearch) {
  const [name, direction] = sort.split(":");
  return { q, sort: name, direction, limit: PAGE_SIZE, offset };
}
