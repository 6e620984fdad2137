/** `/builds/$buildId/compare/$otherId`: the page. */
import { createLazyFileRoute } from "@tanstack/react-router";
import { ComparePage } from "@/features/builds/compare-page";

export const Route = createLazyFileRoute("/builds/$buildId_/compare/$otherId")({ component: Compare });

function Compare() {
  const { buildId, otherId } = Route.useParams();
  return <ComparePage key={`${buildId} ${otherId}`} before={buildId} after={otherId} />;
}
