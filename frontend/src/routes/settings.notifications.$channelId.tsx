/** `/settings/notifications/$channelId`; a new channel is made at `/settings/notifications/new`. */
import { createFileRoute } from "@tanstack/react-router";

export const Route = createFileRoute("/settings/notifications/$channelId")({});
