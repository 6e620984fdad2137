/** `/projects/$projectId/pipelines/$pipelineId`: the page. */
import { createLazyFileRoute } from "@tanstack/react-router";
import { PipelinePage } from "@/features/pipelines/pipeline-page";

export const Route = createLazyFileRoute("/projects/$projectId/pipelines/$pipelineId/")({ component: View });

function View() {
  return <PipelinePage {...Route.useParams()} />;
}
