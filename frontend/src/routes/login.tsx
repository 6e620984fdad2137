/** `/login`: address and search of the sign-in page. */
import { createFileRoute } from "@tanstack/react-router";
import { ownPath } from "@/lib/return-path";

type Search = { next?: string; signed_out?: boolean };

export const Route = createFileRoute("/login")({
  staticData: { frame: "bare" },
  validateSearch: (search: Record<string, unknown>): Search => {
    const next = ownPath(search.next);
    return { ...(next && next !== "/" ? { next } : {}), ...(search.signed_out ? { signed_out: true } : {}) };
  },
});
