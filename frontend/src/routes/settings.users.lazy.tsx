/** `/settings/users`: the page. */
import { createLazyFileRoute } from "@tanstack/react-router";
import { PeoplePage } from "@/features/people/people-page";
import { parsePeopleSearch } from "@/features/people/search";

export const Route = createLazyFileRoute("/settings/users")({ component: People });

function People() {
  const search = parsePeopleSearch(Route.useSearch());
  const navigate = Route.useNavigate();
  return (
    <PeoplePage
      search={search}
      onSearch={(next, history) => void navigate({ search: next, replace: history === "replace" })}
    />
  );
}
