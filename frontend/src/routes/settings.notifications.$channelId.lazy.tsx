/** `/settings/notifications/$channelId`: the page of a channel, or of a new one. */
import { createLazyFileRoute } from "@tanstack/react-router";
import { ChannelPage } from "@/features/notifications/channel-page";
import { NewChannelPage } from "@/features/notifications/new-channel-page";

export const Route = createLazyFileRoute("/settings/notifications/$channelId")({ component: Channel });

function Channel() {
  const { channelId } = Route.useParams();
  return channelId === "new" ? <NewChannelPage /> : <ChannelPage channelId={channelId} />;
}
