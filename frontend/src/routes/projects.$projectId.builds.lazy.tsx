/** `/projects/$projectId/builds`: the page. */
import { createLazyFileRoute } from "@tanstack/react-router";
import { ProjectBuildsPage } from "@/features/projects/project-builds-page";

export const Route = createLazyFileRoute("/projects/$projectId/builds")({ component: Builds });

function Builds() {
  const navigate = Route.useNavigate();
  return (
    <ProjectBuildsPage
      projectId={Route.useParams().projectId}
      offset={Route.useSearch().offset ?? 0}
      onOffset={(offset) => void navigate({ search: offset > 0 ? { offset } : {} })}
    />
  );
}
