/** `/projects`: the list's search, order and page are in the URL; defaults are left out. */
import { createFileRoute } from "@tanstack/react-router";
import { type ProjectsSearch, parseProjectsSearch, toQuery } from "@/features/projects/search";
import { projectsQuery } from "@/lib/queries";
import { warm } from "@/lib/warm";

export const Route = createFileRoute("/projects/")({
  validateSearch: (search: Record<string, unknown>): ProjectsSearch => parseProjectsSearch(search),
  loaderDeps: ({ search }) => search,
  loader: ({ deps }) => warm((rt) => [projectsQuery(rt, toQuery(deps))]),
});
