/** `/settings/integrations/new`: the page. */
import { createLazyFileRoute } from "@tanstack/react-router";
import { ConnectPage } from "@/features/sources/connect-page";
import { oneOf } from "@/lib/search";

export const Route = createLazyFileRoute("/settings/integrations/new")({ component: Connect });

function Connect() {
  const provider = oneOf(Route.useSearch().provider, ["github", "gitlab"]);
  const navigate = Route.useNavigate();
  return (
    <ConnectPage
      host={provider ?? "github"}
      onHost={(next) => void navigate({ search: next === "github" ? {} : { provider: next }, replace: true })}
    />
  );
}
