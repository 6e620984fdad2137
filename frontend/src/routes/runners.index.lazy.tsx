/** `/runners`: the page. */
import { createLazyFileRoute } from "@tanstack/react-router";
import { RunnersPage } from "@/features/runners/runners-page";

export const Route = createLazyFileRoute("/runners/")({ component: Runners });

function Runners() {
  const navigate = Route.useNavigate();
  return (
    <RunnersPage
      offset={Route.useSearch().offset ?? 0}
      onOffset={(offset) => void navigate({ search: offset > 0 ? { offset } : {} })}
    />
  );
}
