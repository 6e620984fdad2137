/** `/`: home. */
import { createFileRoute } from "@tanstack/react-router";
import { homeBuildsQuery, homeProjectsQuery } from "@/features/home/queries";
import { warm } from "@/lib/warm";

export const Route = createFileRoute("/")({
  loader: () => warm((rt) => [homeBuildsQuery(rt), homeProjectsQuery(rt)]),
});
