/** Reading deliveries. Keys start with `deliveries`, as lib/live/patch.ts expects. */
import { queryOptions } from "@tanstack/react-query";
import type { Runtime } from "@/lib/instances/runtime";
import type { DeliveriesSearch } from "./search";
import { toQuery } from "./wire";

export const deliveriesQuery = (rt: Runtime, search: DeliveriesSearch) =>
  queryOptions({
    queryKey: rt.key("deliveries", search),
    queryFn: ({ signal }) => rt.api.get("/v1/webhook-deliveries", { query: toQuery(search), signal }),
  });

export const deliveryQuery = (rt: Runtime, id: string) =>
  queryOptions({
    queryKey: rt.key("deliveries", id),
    queryFn: ({ signal }) =>
      rt.api.get("/v1/webhook-deliveries/{delivery_id}", { path: { delivery_id: id }, signal }),
  });
