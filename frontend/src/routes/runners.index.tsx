/** `/runners`: the page of the list is in the URL. */
import { createFileRoute } from "@tanstack/react-router";
import { runnerListQuery } from "@/lib/queries";
import { offsetOf } from "@/lib/search";
import { warm } from "@/lib/warm";

export const Route = createFileRoute("/runners/")({
  validateSearch: (search: Record<string, unknown>): { offset?: number } => offsetOf(search),
  loaderDeps: ({ search }) => search,
  loader: ({ deps }) => warm((rt) => [runnerListQuery(rt, deps.offset)]),
});
