/** `/runners`. */
import { createFileRoute } from "@tanstack/react-router";
import { runnersQuery } from "@/lib/queries";
import { warm } from "@/lib/warm";

export const Route = createFileRoute("/runners/")({
  loader: () => warm((rt) => [runnersQuery(rt, { limit: 100 })]),
});
