/** `/login`: address and search of the sign-in page. */
import { createFileRoute } from "@tanstack/react-router";
import { ownPath } from "@/lib/return-path";

type Search = { next?: string; signed_out?: boolean };

export const Route = createFileRoute("/login")({
  staticData: { frame: "bare" },
  // A key left out here would come through from the address unchecked; `undefined` takes it away.
  validateSearch: (search: Record<string, unknown>): Search => ({
    next: ownPath(search.next) ?? undefined,
    signed_out: search.signed_out ? true : undefined,
  }),
});
