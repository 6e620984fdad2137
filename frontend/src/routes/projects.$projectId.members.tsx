/** `/projects/$projectId/members`. */
import { createFileRoute } from "@tanstack/react-router";
import { membersQuery } from "@/features/projects/members";
import { warm } from "@/lib/warm";

export const Route = createFileRoute("/projects/$projectId/members")({
  loader: ({ params }) => warm((rt) => [membersQuery(rt, params.projectId)]),
});
