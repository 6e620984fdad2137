/** `/runners`: the page. */
import { createLazyFileRoute } from "@tanstack/react-router";
import { RunnersPage } from "@/features/runners/runners-page";

export const Route = createLazyFileRoute("/runners/")({ component: RunnersPage });
