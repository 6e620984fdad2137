/** `/connect`: the list of instances. A link to one that is not in it ends here with `add`, and its page as `next`. */
import { createFileRoute } from "@tanstack/react-router";
import { ownPath } from "@/lib/return-path";

type Search = { add?: string; next?: string };

export const Route = createFileRoute("/connect")({
  staticData: { frame: "bare" },
  validateSearch: ({ add, next }: Record<string, unknown>): Search => ({
    add: typeof add === "string" ? add : undefined,
    next: ownPath(next) ?? undefined,
  }),
});
