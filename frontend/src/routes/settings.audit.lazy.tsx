/** `/settings/audit`: the page. */
import { createLazyFileRoute } from "@tanstack/react-router";
import { AuditPage } from "@/features/audit/audit-page";
import { parseAuditSearch } from "@/features/audit/search";

export const Route = createLazyFileRoute("/settings/audit")({ component: Audit });

function Audit() {
  const search = parseAuditSearch(Route.useSearch());
  const navigate = Route.useNavigate();
  return (
    <AuditPage
      search={search}
      onSearch={(next, history) => void navigate({ search: next, replace: history === "replace" })}
    />
  );
}
