/** `/projects/$projectId/variables`: the page. */
import { createLazyFileRoute } from "@tanstack/react-router";
import { VariablesPage } from "@/features/projects/variables-page";

export const Route = createLazyFileRoute("/projects/$projectId/variables")({ component: Variables });

function Variables() {
  return <VariablesPage projectId={Route.useParams().projectId} />;
}
