/** `/releases/$projectId/$buildId`: the page. */
import { createLazyFileRoute } from "@tanstack/react-router";
import { ReleasePage } from "@/features/releases";

export const Route = createLazyFileRoute("/releases/$projectId/$buildId")({ component: Release });

function Release() {
  return <ReleasePage {...Route.useParams()} />;
}
