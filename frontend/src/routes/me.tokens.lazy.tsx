/** `/me/tokens`: the page. */
import { createLazyFileRoute } from "@tanstack/react-router";
import { parseTokensSearch } from "@/features/tokens/search";
import { TokensPage } from "@/features/tokens/tokens-page";

export const Route = createLazyFileRoute("/me/tokens")({ component: Tokens });

function Tokens() {
  const search = parseTokensSearch(Route.useSearch());
  const navigate = Route.useNavigate();
  return (
    <TokensPage
      search={search}
      onSearch={(next, history) => void navigate({ search: next, replace: history === "replace" })}
    />
  );
}
