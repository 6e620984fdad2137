/** `/settings/general`. */
import { createFileRoute } from "@tanstack/react-router";
import { preferencesQuery } from "@/components/settings/queries";
import { warm } from "@/lib/warm";

export const Route = createFileRoute("/settings/general")({
  loader: () => warm((rt) => [preferencesQuery(rt)]),
});
