/** `/auth/again`: a window for signing in again beside the page that waits for it. `done` is the way back from the provider. */
import { createFileRoute } from "@tanstack/react-router";

type Search = { done?: boolean };

export const Route = createFileRoute("/auth/again")({
  staticData: { frame: "bare" },
  validateSearch: ({ done }: Record<string, unknown>): Search => ({ done: done ? true : undefined }),
});
