/** `/settings/general`: the page. */
import { createLazyFileRoute } from "@tanstack/react-router";
import { GeneralPage } from "@/features/settings/general-page";

export const Route = createLazyFileRoute("/settings/general")({ component: GeneralPage });
