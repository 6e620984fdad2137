/** `/projects/$projectId/insights`: the page reads its search by itself. */
import { createFileRoute } from "@tanstack/react-router";
import { anySearch } from "@/lib/search";

export const Route = createFileRoute("/projects/$projectId/insights")({ validateSearch: anySearch });
