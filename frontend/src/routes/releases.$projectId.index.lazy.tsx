/** `/releases/$projectId`: the page. */
import { createLazyFileRoute } from "@tanstack/react-router";
import { AppPage } from "@/features/releases";

export const Route = createLazyFileRoute("/releases/$projectId/")({ component: App });

function App() {
  return <AppPage projectId={Route.useParams().projectId} />;
}
