/** Who is told when builds end and runners fall silent: the channels, and the private hosts that they may reach. */
import { queryOptions, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { lazy, Suspense } from "react";
import type { NotificationChannel } from "@/api/types";
import { SETTINGS_PARENTS, SettingsFrame } from "@/components/settings";
import { Page } from "@/components/shell";
import { Badge, Banner, ButtonLink, EmptyState, QueryView } from "@/components/ui";
import { useCan } from "@/lib/capabilities";
import { useRuntime } from "@/lib/instances/current";
import type { Runtime } from "@/lib/instances/runtime";
import { notifications as words } from "@/messages/en/notifications";

/** More than anybody has; the list has no pages. */
const MOST = 100;

const channelsQuery = (rt: Runtime) =>
  queryOptions({
    queryKey: rt.key("notifications", "channels"),
    queryFn: ({ signal }) =>
      rt.api.get("/v1/settings/notification-channels", { query: { limit: MOST }, signal }),
  });

const TargetsSection = lazy(() => import("./targets-section"));

export function ChannelsPage() {
  const query = useQuery(channelsQuery(useRuntime()));
  const mayWrite = useCan()("instance_settings.write");
  return (
    <SettingsFrame>
      <Page title={words.title} parents={SETTINGS_PARENTS} actions={mayWrite && <Add />}>
        <QueryView query={query} name={words.name}>
          {({ channels }) => (
            <div className="flex max-w-3xl flex-col gap-8">
              <div className="flex flex-col gap-3">
                <p className="max-w-[70ch] text-ink-2">{words.text}</p>
                {!mayWrite && <Banner tone="info" title={words.readOnly} />}
                {channels.length === 0 ? <Empty mayWrite={mayWrite} /> : <Channels channels={channels} />}
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
    <ul aria-label={words.title} className="card divide-y divide-line">
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
