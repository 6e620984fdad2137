/** `/settings/system`: the page. */
import { createLazyFileRoute } from "@tanstack/react-router";
import { parseSystemSearch } from "@/features/system/search";
import { SystemPage } from "@/features/system/system-page";

export const Route = createLazyFileRoute("/settings/system")({ component: System });

function System() {
  const search = parseSystemSearch(Route.useSearch());
  const navigate = Route.useNavigate();
  return (
    <SystemPage
      search={search}
      onSearch={(next, history) =>
        void navigate({ search: next, replace: history === "replace", resetScroll: false })
      }
    />
  );
}
