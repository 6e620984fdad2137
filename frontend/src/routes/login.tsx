/** `/login`: address and search of the sign-in page. */
import { createFileRoute } from "@tanstack/react-router";

type Search = { next?: string; signed_out?: boolean };

export const Route = createFileRoute("/login")({
  staticData: { frame: "bare" },
  validateSearch: (search: Record<string, unknown>): Search => ({
    ...(typeof search.next === "string" && isOwnPath(search.next) ? { next: search.next } : {}),
    ...(search.signed_out ? { signed_out: true } : {}),
  }),
});

/** Only a path of this page: a full address would be an open redirect. */
function isOwnPath(path: string): boolean {
  return /^\/(?![/\\])/.test(path);
}
