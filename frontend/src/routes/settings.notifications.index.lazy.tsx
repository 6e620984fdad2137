/** `/settings/notifications/`: the page. */
import { createLazyFileRoute } from "@tanstack/react-router";
import { ChannelsPage } from "@/features/notifications/channels-page";

export const Route = createLazyFileRoute("/settings/notifications/")({ component: ChannelsPage });
