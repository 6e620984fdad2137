/** `/projects/$projectId/members`: the page. */
import { createLazyFileRoute } from "@tanstack/react-router";
import { MembersPage } from "@/features/projects/members-page";

export const Route = createLazyFileRoute("/projects/$projectId/members")({ component: Members });

function Members() {
  return <MembersPage projectId={Route.useParams().projectId} />;
}
