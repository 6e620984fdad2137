/** `/projects/$projectId/pipelines/$pipelineId`. */
import { createFileRoute } from "@tanstack/react-router";
import { pipelineQuery, projectQuery } from "@/lib/queries";
import { warm } from "@/lib/warm";

export const Route = createFileRoute("/projects/$projectId/pipelines/$pipelineId/")({
  loader: ({ params }) =>
    warm((rt) => [projectQuery(rt, params.projectId), pipelineQuery(rt, params.pipelineId)]),
});
