/** Who is told when builds end and runners fall silent: the channels, and the private hosts that they may reach. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { lazy, Suspense } from "react";
import type { NotificationChannel } from "@/api/types";
import { SETTINGS_PARENTS, SettingsFrame } from "@/components/settings";
import { Page } from "@/components/shell";
import { Badge, Banner, ButtonLink, EmptyState, Pager, QueryView } from "@/components/ui";
import { useCan } from "@/lib/capabilities";
import { useRuntime } from "@/lib/instances/current";
import { notifications as words } from "@/messages/en/notifications";

const PAGE_SIZE = 50;

const TargetsSection = lazy(() => import("./targets-section"));

type Props = { offset: number; onOffset: (offset: number) => void };

export function ChannelsPage({ offset, onOffset }: Props) {
  const runtime = useRuntime();
  const asked = { limit: PAGE_SIZE, offset };
  const query = useQuery({
    queryKey: runtime.key("notifications", "channels", asked),
    queryFn: ({ signal }) => runtime.api.get("/v1/settings/notification-channels", { query: asked, signal }),
    placeholderData: keepPreviousData,
  });
  const mayWrite = useCan()("instance_settings.write");
  return (
    <SettingsFrame>
      <Page title={words.title} parents={SETTINGS_PARENTS} actions={mayWrite && <Add />}>
        <QueryView query={query} name={words.name}>
          {({ channels, total }) => (
            <div className="flex max-w-3xl flex-col gap-8">
              <div className="flex flex-col gap-3">
                <p className="max-w-[70ch] text-ink-2">{words.text}</p>
                {!mayWrite && <Banner tone="info" title={words.readOnly} />}
                {total === 0 ? <Empty mayWrite={mayWrite} /> : <Channels channels={channels} />}
                <Pager offset={offset} limit={PAGE_SIZE} total={total} onOffset={onOffset} />
              </div>
              <Suspense>
                <TargetsSection />
              </Suspense>
            </div>
          )}
        </QueryView>
      </Page>
    </SettingsFrame>
  );
}

function Add() {
  return (
    <ButtonLink
      to="/settings/notifications/$channelId"
      params={{ channelId: "new" }}
      variant="primary"
      icon="add"
    >
      {words.add}
    </ButtonLink>
  );
}

function Empty({ mayWrite }: { mayWrite: boolean }) {
  return (
    <EmptyState icon="bell" title={words.emptyTitle} actions={mayWrite && <Add />}>
      <p>{words.emptyText}</p>
    </EmptyState>
  );
}

function Channels({ channels }: { channels: NotificationChannel[] }) {
  return (
    <ul aria-label={words.title} className="card divide-y divide-line empty:hidden">
      {channels.map((channel) => (
        <li
          key={channel.id}
          className="relative flex flex-wrap items-center gap-x-4 gap-y-1 px-4 py-3 hover:bg-canvas"
        >
          <div className="min-w-0 grow basis-60">
            <Link
              to="/settings/notifications/$channelId"
              params={{ channelId: channel.id }}
              data-row=""
              className="tap font-medium break-words after:absolute after:inset-0 hover:underline"
            >
              {channel.name}
            </Link>
            <p className="text-sm break-words text-ink-3">
              {[words.types[channel.channel_type], channel.target].filter(Boolean).join(" · ")}
            </p>
            <p className="text-sm text-ink-2">{eventsIn(channel)}</p>
          </div>
          <Badge tone={channel.enabled ? "passed" : "queued"} icon={channel.enabled ? "passed" : "pause"}>
            {channel.enabled ? words.on : words.off}
          </Badge>
        </li>
      ))}
    </ul>
  );
}

function eventsIn({ events }: NotificationChannel): string {
  return events.length === 0 ? words.everything : events.map((event) => words.events[event]).join(" · ");
}
