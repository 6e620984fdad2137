/** `/releases/$projectId`. */
import { createFileRoute } from "@tanstack/react-router";

export const Route = createFileRoute("/releases/$projectId/")({});
