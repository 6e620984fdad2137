/** The audit log's search parameters as the wire wants them, for the list and the export; which filters are in use. */
import type { operations } from "@/api/schema.gen";
import { beginOf, endOf } from "@/lib/days";
import { type AuditSearch, DEFAULT_SORT } from "./search";

export const PAGE_SIZE = 50;

export type AuditFilter = "actor" | "action" | "resource" | "from" | "to";
export const FILTERS: readonly AuditFilter[] = ["actor", "action", "resource", "from", "to"];

export function filtersIn(search: AuditSearch): AuditFilter[] {
  return FILTERS.filter((name) => search[name] !== undefined);
}

type Filters = NonNullable<operations["export_audit_logs"]["parameters"]["query"]>;

/** The wire's filters, for the list and for the export alike. */
function toFilters(search: AuditSearch): Filters {
  return {
    actor_id: search.actor,
    action: search.action,
    resource_type: search.resource,
    from_ts: beginOf(search.from),
    to_ts: endOf(search.to),
  };
}

export function toQuery(search: AuditSearch) {
  const [sort, direction] = (search.sort ?? DEFAULT_SORT).split(":");
  return { ...toFilters(search), sort, direction, limit: PAGE_SIZE, offset: search.offset };
}

export function exportPath(search: AuditSearch): string {
  const given = Object.entries(toFilters(search)).filter(([, value]) => value !== undefined);
  return `/v1/audit-logs/export?${new URLSearchParams(given.map(([name, value]) => [name, String(value)]))}`;
}
