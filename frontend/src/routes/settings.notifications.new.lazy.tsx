/** `/settings/notifications/new`: the page. */
import { createLazyFileRoute } from "@tanstack/react-router";
import { NewChannelPage } from "@/features/notifications/new-channel-page";

export const Route = createLazyFileRoute("/settings/notifications/new")({ component: NewChannelPage });
