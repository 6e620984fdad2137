/** The search parameters of the list of deliveries; defaults are left out of the URL. */
import { oneOf, textOf } from "@/lib/search";

export const OUTCOMES = [
  "built",
  "failed",
  "invalid",
  "blocked",
  "already_built",
  "superseded",
  "skipped",
  "filtered",
  "disabled",
  "ignored",
  "duplicate",
] as const;
export type Outcome = (typeof OUTCOMES)[number];

export type DeliveriesSearch = {
  outcome?: Outcome;
  event?: string;
  commit?: string;
  q?: string;
  /** Where an earlier page ended. */
  cursor?: string;
};

const HEX = /^[0-9a-f]{1,64}$/i;

export function parseDeliveriesSearch(search: Record<string, unknown>): DeliveriesSearch {
  const commit = textOf(search.commit);
  const parsed: DeliveriesSearch = {
    outcome: oneOf(search.outcome, OUTCOMES),
    event: textOf(search.event),
    commit: commit && HEX.test(commit) ? commit : undefined,
    q: textOf(search.q),
    cursor: textOf(search.cursor),
  };
  return Object.fromEntries(Object.entries(parsed).filter(([, value]) => value !== undefined));
}

export type DeliveryFilter = "outcome" | "event" | "commit" | "q";
const FILTERS: readonly DeliveryFilter[] = ["outcome", "event", "commit", "q"];

export function filtersIn(search: DeliveriesSearch): DeliveryFilter[] {
  return FILTERS.filter((name) => search[name] !== undefined);
}
