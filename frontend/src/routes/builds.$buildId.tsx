/** `/builds/$buildId`: the view and the step are in the search, selected lines in the hash. The page parses it, so that the first page does without. */
import { createFileRoute } from "@tanstack/react-router";
import type { BuildSearch } from "@/features/builds/search";

export const Route = createFileRoute("/builds/$buildId")({
  validateSearch: (search: Record<string, unknown>) => search as BuildSearch,
});
