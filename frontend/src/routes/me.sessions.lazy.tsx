/** `/me/sessions`: the page. */
import { createLazyFileRoute } from "@tanstack/react-router";
import { SessionsPage } from "@/features/sessions/sessions-page";

export const Route = createLazyFileRoute("/me/sessions")({ component: SessionsPage });
