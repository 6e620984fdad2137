/** `/settings/users`: the list's search, order and page are in the URL; defaults are left out. */
import { createFileRoute } from "@tanstack/react-router";
import { type PeopleSearch, parsePeopleSearch, toQuery } from "@/features/people/search";
import { usersQuery } from "@/lib/queries";
import { warm } from "@/lib/warm";

export const Route = createFileRoute("/settings/users")({
  validateSearch: (search: Record<string, unknown>): PeopleSearch => parsePeopleSearch(search),
  loaderDeps: ({ search }) => search,
  loader: ({ deps }) => warm((rt) => [usersQuery(rt, toQuery(deps))]),
});
