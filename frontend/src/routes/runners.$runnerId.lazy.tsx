/** `/runners/$runnerId`: the page. */
import { createLazyFileRoute } from "@tanstack/react-router";
import { RunnerPage } from "@/features/runners/runner-page";

export const Route = createLazyFileRoute("/runners/$runnerId")({ component: Runner });

function Runner() {
  return <RunnerPage runnerId={Route.useParams().runnerId} />;
}
