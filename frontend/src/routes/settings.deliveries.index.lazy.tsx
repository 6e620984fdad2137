/** `/settings/deliveries`: the page. */
import { createLazyFileRoute } from "@tanstack/react-router";
import { useCallback } from "react";
import { DeliveriesPage } from "@/features/deliveries/deliveries-page";
import type { OnSearch } from "@/features/deliveries/filters";
import { parseDeliveriesSearch } from "@/features/deliveries/search";

export const Route = createLazyFileRoute("/settings/deliveries/")({ component: Deliveries });

function Deliveries() {
  const search = parseDeliveriesSearch(Route.useSearch());
  const navigate = Route.useNavigate();
  const onSearch = useCallback<OnSearch>(
    (next, history) => void navigate({ search: next, replace: history === "replace" }),
    [navigate],
  );
  return <DeliveriesPage search={search} onSearch={onSearch} />;
}
