/** `/projects/$projectId/settings`: the page. */
import { createLazyFileRoute } from "@tanstack/react-router";
import { SettingsPage } from "@/features/projects/settings-page";

export const Route = createLazyFileRoute("/projects/$projectId/settings")({ component: Settings });

function Settings() {
  return <SettingsPage projectId={Route.useParams().projectId} />;
}
