/** `/builds`: the page. */
import { createLazyFileRoute } from "@tanstack/react-router";
import { useCallback } from "react";
import { BuildsPage } from "@/features/builds/builds-page";
import { type OnSearch, parseBuildsSearch } from "@/features/builds/list-search";

export const Route = createLazyFileRoute("/builds/")({ component: Builds });

function Builds() {
  const search = parseBuildsSearch(Route.useSearch());
  const navigate = Route.useNavigate();
  const onSearch = useCallback<OnSearch>(
    (next, history) => void navigate({ search: next, replace: history === "replace" }),
    [navigate],
  );
  return <BuildsPage search={search} onSearch={onSearch} />;
}
