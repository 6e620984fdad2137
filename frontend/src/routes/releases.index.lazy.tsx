/** `/releases`: the page. */
import { createLazyFileRoute } from "@tanstack/react-router";
import { AppsPage } from "@/features/releases";

export const Route = createLazyFileRoute("/releases/")({ component: AppsPage });
