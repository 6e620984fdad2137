/** `/settings/integrations`: the page. */
import { createLazyFileRoute } from "@tanstack/react-router";
import { parseSourcesSearch } from "@/features/sources/list-search";
import { SourcesPage } from "@/features/sources/sources-page";

export const Route = createLazyFileRoute("/settings/integrations/")({ component: Sources });

function Sources() {
  const search = parseSourcesSearch(Route.useSearch());
  const navigate = Route.useNavigate();
  return (
    <SourcesPage
      search={search}
      onSearch={(next, history) => void navigate({ search: next, replace: history === "replace" })}
    />
  );
}
