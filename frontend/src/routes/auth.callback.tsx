/** `/auth/callback`: where the identity provider sends the browser back to. Its answer is read by lib/arrival, never here. */
import { createFileRoute } from "@tanstack/react-router";

export const Route = createFileRoute("/auth/callback")({
  staticData: { frame: "bare" },
  validateSearch: () => ({}),
});
