/** `/projects/$projectId/variables`. */
import { createFileRoute } from "@tanstack/react-router";

export const Route = createFileRoute("/projects/$projectId/variables")({});
