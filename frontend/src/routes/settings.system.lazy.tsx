/** `/settings/system`: the page. */
import { createLazyFileRoute } from "@tanstack/react-router";
import { SystemPage } from "@/features/system/system-page";

export const Route = createLazyFileRoute("/settings/system")({ component: SystemPage });
