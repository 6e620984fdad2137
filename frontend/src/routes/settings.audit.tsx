/** `/settings/audit`: the list's state is in the URL; defaults are left out. Only what parses it belongs to the first page. */
import { createFileRoute } from "@tanstack/react-router";
import { type AuditSearch, parseAuditSearch } from "@/features/audit/search";

export const Route = createFileRoute("/settings/audit")({
  validateSearch: (search: Record<string, unknown>): AuditSearch => parseAuditSearch(search),
});
