/** `/projects/$projectId/pipelines/$pipelineId/edit`: the page. */
import { createLazyFileRoute } from "@tanstack/react-router";
import { EditPipelinePage } from "@/features/pipelines/edit-pipeline-page";

export const Route = createLazyFileRoute("/projects/$projectId/pipelines/$pipelineId/edit")({
  component: View,
});

function View() {
  return <EditPipelinePage {...Route.useParams()} />;
}
