/** `/auth/callback`: the page. */
import { createLazyFileRoute } from "@tanstack/react-router";
import { CallbackPage } from "@/features/sign-in/callback-page";

export const Route = createLazyFileRoute("/auth/callback")({ component: CallbackPage });
