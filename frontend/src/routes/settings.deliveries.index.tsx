/** `/settings/deliveries`: the list's state is in the URL; defaults are left out. Only what parses it belongs to the first page. */
import { createFileRoute } from "@tanstack/react-router";
import { type DeliveriesSearch, parseDeliveriesSearch } from "@/features/deliveries/search";

export const Route = createFileRoute("/settings/deliveries/")({
  validateSearch: (search: Record<string, unknown>): DeliveriesSearch => parseDeliveriesSearch(search),
});
