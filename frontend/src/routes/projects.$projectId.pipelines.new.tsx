/** `/projects/$projectId/pipelines/new`. */
import { createFileRoute } from "@tanstack/react-router";

export const Route = createFileRoute("/projects/$projectId/pipelines/new")({});
