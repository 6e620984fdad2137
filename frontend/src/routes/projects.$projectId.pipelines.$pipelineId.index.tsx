/** `/projects/$projectId/pipelines/$pipelineId`. */
import { createFileRoute } from "@tanstack/react-router";

export const Route = createFileRoute("/projects/$projectId/pipelines/$pipelineId/")({});
