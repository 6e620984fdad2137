/** `/builds/$buildId`: the view and the step are in the search, selected lines in the hash. */
import { createFileRoute } from "@tanstack/react-router";
import { type BuildSearch, parseBuildSearch } from "@/features/builds/search";

export const Route = createFileRoute("/builds/$buildId")({
  validateSearch: (search: Record<string, unknown>): BuildSearch => parseBuildSearch(search),
});
