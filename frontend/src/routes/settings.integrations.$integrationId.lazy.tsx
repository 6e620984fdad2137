/** `/settings/integrations/$integrationId`: the page. */
import { createLazyFileRoute } from "@tanstack/react-router";
import { SourcePage } from "@/features/sources/source-page";
import { parseSourceSearch } from "@/features/sources/source-search";

export const Route = createLazyFileRoute("/settings/integrations/$integrationId")({ component: Source });

function Source() {
  const { integrationId } = Route.useParams();
  const search = parseSourceSearch(Route.useSearch());
  const navigate = Route.useNavigate();
  return (
    <SourcePage
      key={integrationId}
      sourceId={integrationId}
      search={search}
      onSearch={(next, history) => void navigate({ search: next, replace: history === "replace" })}
    />
  );
}
