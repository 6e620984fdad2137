/** The search parameters of the audit log. Days are the reader's own; defaults are left out of the URL. */
import { isDay } from "@/lib/days";
import { offsetOf, oneOf, textOf } from "@/lib/search";

export const SORTS = [
  "created_at:desc",
  "created_at:asc",
  "actor_email:asc",
  "action:asc",
  "resource_type:asc",
] as const;
export type AuditSort = (typeof SORTS)[number];
export const DEFAULT_SORT: AuditSort = "created_at:desc";

export type AuditSearch = {
  /** An account's id. */
  actor?: string;
  action?: string;
  resource?: string;
  /** Days as YYYY-MM-DD, both included. */
  from?: string;
  to?: string;
  sort?: AuditSort;
  offset?: number;
};

function dayIn(value: unknown): string | undefined {
  const text = textOf(value);
  return isDay(text) ? text : undefined;
}

export function parseAuditSearch(search: Record<string, unknown>): AuditSearch {
  const sort = oneOf(search.sort, SORTS);
  const parsed: AuditSearch = {
    actor: textOf(search.actor),
    action: textOf(search.action),
    resource: textOf(search.resource),
    from: dayIn(search.from),
    to: dayIn(search.to),
    sort: sort === DEFAULT_SORT ? undefined : sort,
    ...offsetOf(search),
  };
  return Object.fromEntries(Object.entries(parsed).filter(([, value]) => value !== undefined));
}
