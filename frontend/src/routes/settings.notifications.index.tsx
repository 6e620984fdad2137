/** `/settings/notifications/`: the page of the list is in the URL. */
import { createFileRoute } from "@tanstack/react-router";
import { offsetOf } from "@/lib/search";

export const Route = createFileRoute("/settings/notifications/")({
  validateSearch: (search: Record<string, unknown>): { offset?: number } => offsetOf(search),
});
