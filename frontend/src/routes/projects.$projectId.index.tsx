/** `/projects/$projectId`: overview. */
import { createFileRoute } from "@tanstack/react-router";
import { pipelinesQuery, projectBuildsQuery, projectQuery } from "@/lib/queries";
import { warm } from "@/lib/warm";

export const Route = createFileRoute("/projects/$projectId/")({
  loader: ({ params: { projectId } }) =>
    warm((rt) => [
      projectQuery(rt, projectId),
      pipelinesQuery(rt, projectId),
      projectBuildsQuery(rt, projectId),
    ]),
});
