/** `/builds`: filters, order and page are in the URL; defaults are left out. */
import { createFileRoute } from "@tanstack/react-router";
import { type BuildsSearch, parseBuildsSearch } from "@/features/builds/search";

export const Route = createFileRoute("/builds/")({
  validateSearch: (search: Record<string, unknown>): BuildsSearch => parseBuildsSearch(search),
});
