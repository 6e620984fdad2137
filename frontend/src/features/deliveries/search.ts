/** The search parameters of the list of deliveries; what their values may be is in wire.ts. */
import { textOf } from "@/lib/search";

const NAMES = ["source", "outcome", "event", "commit", "q", "cursor"] as const;

/** `source` is an id, which the page of a source gives; `cursor` is where an earlier page ended. */
export type DeliveriesSearch = Partial<Record<(typeof NAMES)[number], string>>;

export function parseDeliveriesSearch(search: Record<string, unknown>): DeliveriesSearch {
  const given = NAMES.map((name) => [name, textOf(search[name])]);
  return Object.fromEntries(given.filter(([, value]) => value));
}

/** The first page of what a changed filter finds. */
export function changed(search: DeliveriesSearch, patch: DeliveriesSearch): DeliveriesSearch {
  return parseDeliveriesSearch({ ...search, ...patch, cursor: undefined });
}
