/** `/settings/notifications/$channelId`: the page. */
import { createLazyFileRoute } from "@tanstack/react-router";
import { ChannelPage } from "@/features/notifications/channel-page";

export const Route = createLazyFileRoute("/settings/notifications/$channelId")({ component: Channel });

function Channel() {
  return <ChannelPage channelId={Route.useParams().channelId} />;
}
