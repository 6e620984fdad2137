/** `/projects`: the list's search, order and page are in the URL; defaults are left out. */
import { createFileRoute } from "@tanstack/react-router";
import { type ProjectsSearch, parseProjectsSearch } from "@/features/projects/search";

export const Route = createFileRoute("/projects/")({
  validateSearch: (search: Record<string, unknown>): ProjectsSearch => parseProjectsSearch(search),
});
