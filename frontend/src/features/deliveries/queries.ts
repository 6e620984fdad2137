/** Reading deliveries. Keys start with `deliveries` and `delivery`, as lib/live/patch.ts expects. */
import { queryOptions } from "@tanstack/react-query";
import type { Runtime } from "@/lib/instances/runtime";
import type { DeliveriesSearch } from "./search";

const PAGE_SIZE = 50;

export const deliveriesQuery = (rt: Runtime, { q, ...search }: DeliveriesSearch) =>
  queryOptions({
    queryKey: rt.key("deliveries", { q, ...search }),
    queryFn: ({ signal }) =>
      rt.api.get("/v1/webhook-deliveries", { query: { ...search, search: q, limit: PAGE_SIZE }, signal }),
  });

export const deliveryQuery = (rt: Runtime, id: string) =>
  queryOptions({
    queryKey: rt.key("delivery", id),
    queryFn: ({ signal }) =>
      rt.api.get("/v1/webhook-deliveries/{delivery_id}", { path: { delivery_id: id }, signal }),
  });
