/** `/projects/$projectId`: overview, the page. */
import { createLazyFileRoute } from "@tanstack/react-router";
import { OverviewPage } from "@/features/projects/overview-page";

export const Route = createLazyFileRoute("/projects/$projectId/")({ component: Overview });

function Overview() {
  return <OverviewPage projectId={Route.useParams().projectId} />;
}
