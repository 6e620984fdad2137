/** `/settings/notifications/`: the page. */
import { createLazyFileRoute } from "@tanstack/react-router";
import { ChannelsPage } from "@/features/notifications/channels-page";

export const Route = createLazyFileRoute("/settings/notifications/")({ component: Channels });

function Channels() {
  const navigate = Route.useNavigate();
  return (
    <ChannelsPage
      offset={Route.useSearch().offset ?? 0}
      onOffset={(offset) => void navigate({ search: offset > 0 ? { offset } : {} })}
    />
  );
}
