/** `/me/sessions`. */
import { createFileRoute } from "@tanstack/react-router";
import { sessionsQuery } from "@/features/sessions/queries";
import { warm } from "@/lib/warm";

export const Route = createFileRoute("/me/sessions")({
  loader: () => warm((rt) => [sessionsQuery(rt)]),
});
