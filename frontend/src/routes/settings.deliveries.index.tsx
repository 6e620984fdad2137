/** `/settings/deliveries`: the list's state is in the URL. The page parses it, so that the first page does without. */
import { createFileRoute } from "@tanstack/react-router";
import type { DeliveriesSearch } from "@/features/deliveries/search";

export const Route = createFileRoute("/settings/deliveries/")({
  validateSearch: (search: Record<string, unknown>) => search as DeliveriesSearch,
});
