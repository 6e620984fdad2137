/** The search parameters of the project list. Defaults are left out of the URL. */
import { offsetOf, oneOf, textOf } from "@/lib/search";

export const SORTS = ["updated_at:desc", "name:asc", "created_at:desc"] as const;
export type ProjectSort = (typeof SORTS)[number];
export type ProjectsSearch = { q?: string; sort?: ProjectSort; offset?: number };

export const DEFAULT_SORT: ProjectSort = "updated_at:desc";
export const PAGE_SIZE = 50;

export function parseProjectsSearch(search: Record<string, unknown>): ProjectsSearch {
  const q = textOf(search.q);
  const sort = oneOf(search.sort, SORTS);
  return { ...(q ? { q } : {}), ...(sort && sort !== DEFAULT_SORT ? { sort } : {}), ...offsetOf(search) };
}

/** The wire's query for a list as the URL describes it. */
export function toQuery({ q, sort = DEFAULT_SORT, offset }: ProjectsSearch) {
  const [name, direction] = sort.split(":");
  return { search: q, sort: name, direction, limit: PAGE_SIZE, offset };
}
