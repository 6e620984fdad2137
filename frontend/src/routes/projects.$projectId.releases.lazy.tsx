/** `/projects/$projectId/releases`: the page. */
import { createLazyFileRoute } from "@tanstack/react-router";
import { ProjectFrame } from "@/features/projects/project-frame";
import { ReleasesView } from "@/features/releases";

export const Route = createLazyFileRoute("/projects/$projectId/releases")({ component: Releases });

function Releases() {
  const { projectId } = Route.useParams();
  return (
    <ProjectFrame projectId={projectId} tab="releases">
      {({ project }) => <ReleasesView project={project} />}
    </ProjectFrame>
  );
}
