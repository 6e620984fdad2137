/** `/settings/access`: the page. */
import { createLazyFileRoute } from "@tanstack/react-router";
import { AccessPage } from "@/features/access/access-page";

export const Route = createLazyFileRoute("/settings/access")({ component: AccessPage });
