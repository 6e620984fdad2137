/** `/settings`: the page. */
import { createLazyFileRoute } from "@tanstack/react-router";
import { SettingsPage } from "@/features/settings/settings-page";

export const Route = createLazyFileRoute("/settings/")({ component: SettingsPage });
