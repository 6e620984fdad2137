/** What the filters of deliveries may be, and how the wire wants them. */
import type { WebhookVerdict } from "@/api/types";
import { oneOf } from "@/lib/search";
import type { DeliveriesSearch } from "./search";

export type Outcome = WebhookVerdict["outcome"];

export const OUTCOMES: readonly Outcome[] = [
  "built",
  "failed",
  "invalid",
  "awaits_approval",
  "blocked",
  "already_built",
  "superseded",
  "skipped",
  "filtered",
  "disabled",
  "ignored",
  "duplicate",
];

const PAGE_SIZE = 50;
const HEX = /^[0-9a-f]{1,64}$/i;

export type DeliveryFilter = "source" | "outcome" | "event" | "commit" | "q";
const FILTERS: readonly DeliveryFilter[] = ["source", "outcome", "event", "commit", "q"];

export function filtersIn(search: DeliveriesSearch): DeliveryFilter[] {
  return FILTERS.filter((name) => search[name] !== undefined);
}

/** What can be no value of a filter is not asked for. */
export function toQuery({ q, source, outcome, commit, ...rest }: DeliveriesSearch) {
  return {
    ...rest,
    search: q,
    integration_id: source,
    outcome: oneOf(outcome, OUTCOMES),
    commit: commit && HEX.test(commit) ? commit : undefined,
    limit: PAGE_SIZE,
  };
}
