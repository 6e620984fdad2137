/** `/settings/retention`: the page. */
import { createLazyFileRoute } from "@tanstack/react-router";
import { RetentionPage } from "@/features/retention/retention-page";

export const Route = createLazyFileRoute("/settings/retention")({ component: RetentionPage });
