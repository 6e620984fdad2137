/** The search parameters of the audit log. Days are the reader's own; defaults are left out of the URL. */
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
export const PAGE_SIZE = 50;

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

export type AuditFilter = "actor" | "action" | "resource" | "from" | "to";
export const FILTERS: readonly AuditFilter[] = ["actor", "action", "resource", "from", "to"];

export function filtersIn(search: AuditSearch): AuditFilter[] {
  return FILTERS.filter((name) => search[name] !== undefined);
}

const DAY = /^\d{4}-\d{2}-\d{2}$/;

function dayOf(value: unknown): string | undefined {
  const text = textOf(value);
  return text && DAY.test(text) && !Number.isNaN(Date.parse(text)) ? text : undefined;
}

export function parseAuditSearch(search: Record<string, unknown>): AuditSearch {
  const sort = oneOf(search.sort, SORTS);
  const parsed: AuditSearch = {
    actor: textOf(search.actor),
    action: textOf(search.action),
    resource: textOf(search.resource),
    from: dayOf(search.from),
    to: dayOf(search.to),
    sort: sort === DEFAULT_SORT ? undefined : sort,
    ...offsetOf(search),
  };
  return Object.fromEntries(Object.entries(parsed).filter(([, value]) => value !== undefined));
}

const seconds = (day: string | undefined, clock: string) =>
  day === undefined ? undefined : Math.floor(new Date(`${day}T${clock}`).getTime() / 1000);

/** The wire's filters and order, for the list and for the export alike. */
export function toFilters(search: AuditSearch) {
  const [sort, direction] = (search.sort ?? DEFAULT_SORT).split(":");
  return {
    actor_id: search.actor,
    action: search.action,
    resource_type: search.resource,
    from_ts: seconds(search.from, "00:00:00"),
    to_ts: seconds(search.to, "23:59:59"),
    sort,
    direction,
  };
}

export function toQuery(search: AuditSearch) {
  return { ...toFilters(search), limit: PAGE_SIZE, offset: search.offset };
}

export function exportPath(search: AuditSearch): string {
  const given = Object.entries(toFilters(search)).filter(([, value]) => value !== undefined);
  return `/v1/audit-logs/export?${new URLSearchParams(given.map(([name, value]) => [name, String(value)]))}`;
}
