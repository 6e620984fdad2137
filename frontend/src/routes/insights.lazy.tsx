/** `/insights`: the page. */
import { createLazyFileRoute } from "@tanstack/react-router";
import { InsightsPage } from "@/features/insights/insights-page";
import { insightsSearch } from "@/features/insights/search";

export const Route = createLazyFileRoute("/insights")({ component: Insights });

function Insights() {
  const navigate = Route.useNavigate();
  return (
    <InsightsPage
      search={insightsSearch(Route.useSearch())}
      onSearch={(search, history) => void navigate({ search, replace: history === "replace" })}
    />
  );
}
