/** `/projects/$projectId/insights`: the page. */
import { createLazyFileRoute } from "@tanstack/react-router";
import { InsightsView } from "@/features/insights/insights-view";
import { insightsSearch } from "@/features/insights/search";
import { ProjectFrame } from "@/features/projects/project-frame";

export const Route = createLazyFileRoute("/projects/$projectId/insights")({ component: Insights });

function Insights() {
  const navigate = Route.useNavigate();
  const { projectId } = Route.useParams();
  const search = insightsSearch(Route.useSearch());
  return (
    <ProjectFrame projectId={projectId} tab="insights">
      {() => (
        <InsightsView
          projectId={projectId}
          search={search}
          onSearch={(next, history) => void navigate({ search: next, replace: history === "replace" })}
        />
      )}
    </ProjectFrame>
  );
}
