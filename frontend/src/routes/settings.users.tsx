/** `/settings/users`: the list's state is in the URL; defaults are left out. Only what parses it belongs to the first page. */
import { createFileRoute } from "@tanstack/react-router";
import { type PeopleSearch, parsePeopleSearch } from "@/features/people/search";

export const Route = createFileRoute("/settings/users")({
  validateSearch: (search: Record<string, unknown>): PeopleSearch => parsePeopleSearch(search),
});
