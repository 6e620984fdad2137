/** `/settings/audit`: filters, order and page are in the URL; defaults are left out. */
import { createFileRoute } from "@tanstack/react-router";
import { auditQuery } from "@/features/audit/queries";
import { type AuditSearch, parseAuditSearch } from "@/features/audit/search";
import { warm } from "@/lib/warm";

export const Route = createFileRoute("/settings/audit")({
  validateSearch: (search: Record<string, unknown>): AuditSearch => parseAuditSearch(search),
  loaderDeps: ({ search }) => search,
  loader: ({ deps }) => warm((rt) => [auditQuery(rt, deps)]),
});
