/** `/builds`: the list's state is in the URL. The page parses it, so that the first page does without. */
import { createFileRoute } from "@tanstack/react-router";
import type { BuildsSearch } from "@/features/builds/list-search";

export const Route = createFileRoute("/builds/")({
  validateSearch: (search: Record<string, unknown>) => search as BuildsSearch,
});
