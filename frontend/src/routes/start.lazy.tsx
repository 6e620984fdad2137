/** `/start`: the page. */
import { createLazyFileRoute } from "@tanstack/react-router";
import { SetupPage } from "@/features/setup/setup-page";

export const Route = createLazyFileRoute("/start")({ component: SetupPage });
