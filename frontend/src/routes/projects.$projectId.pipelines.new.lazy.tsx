/** `/projects/$projectId/pipelines/new`: the page. */
import { createLazyFileRoute } from "@tanstack/react-router";
import { NewPipelinePage } from "@/features/pipelines/new-pipeline-page";

export const Route = createLazyFileRoute("/projects/$projectId/pipelines/new")({ component: View });

function View() {
  return <NewPipelinePage {...Route.useParams()} />;
}
