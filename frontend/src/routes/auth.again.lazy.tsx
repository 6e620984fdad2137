/** `/auth/again`: the page. */
import { createLazyFileRoute } from "@tanstack/react-router";
import { AgainPage } from "@/features/sign-in/again-page";

export const Route = createLazyFileRoute("/auth/again")({ component: Again });

function Again() {
  return <AgainPage step={Route.useSearch().done ? "back" : "leave"} />;
}
