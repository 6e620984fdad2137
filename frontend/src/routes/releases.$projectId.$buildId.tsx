/** `/releases/$projectId/$buildId`. */
import { createFileRoute } from "@tanstack/react-router";

export const Route = createFileRoute("/releases/$projectId/$buildId")({});
