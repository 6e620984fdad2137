/** `/projects/$projectId/members`. */
import { createFileRoute } from "@tanstack/react-router";

export const Route = createFileRoute("/projects/$projectId/members")({});
