/** One channel: change it, try it out, see what was told through it, remove it. */
import { queryOptions, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { lazy, Suspense, useState } from "react";
import type { NotificationChannel } from "@/api/types";
import { SETTINGS_PARENTS, SettingsFrame } from "@/components/settings";
import { type Crumb, Page } from "@/components/shell";
import {
  Badge,
  Button,
  ButtonLink,
  ConfirmDialog,
  GoneState,
  QueryView,
  SkeletonRows,
  useToasts,
} from "@/components/ui";
import { useCan } from "@/lib/capabilities";
import { reasonOf, useSubmission } from "@/lib/form";
import { useRuntime } from "@/lib/instances/current";
import type { Runtime } from "@/lib/instances/runtime";
import { notifications as words } from "@/messages/en/notifications";

const Parts = lazy(() => import("./channel-parts"));

const channelQuery = (rt: Runtime, id: string) =>
  queryOptions({
    queryKey: rt.key("notifications", "channel", id),
    queryFn: ({ signal }) => rt.api.get("/v1/settings/notification-channels/{id}", { path: { id }, signal }),
  });

const PARENTS: Crumb[] = [...SETTINGS_PARENTS, { label: words.title, to: { to: "/settings/notifications" } }];

export function ChannelPage({ channelId }: { channelId: string }) {
  const query = useQuery(channelQuery(useRuntime(), channelId));
  const mayWrite = useCan()("instance_settings.write");
  const channel = query.data?.channel;
  const actions = channel && mayWrite && <Removal channel={channel} />;
  return (
    <SettingsFrame>
      <Page title={channel?.name ?? words.one} parents={PARENTS} actions={actions}>
        <QueryView query={query} name={words.one} gone={<Gone />}>
          {(found) => (
            <div className="flex max-w-3xl flex-col gap-8">
              <Kind channel={found.channel} />
              <Suspense fallback={<SkeletonRows />}>
                <Parts channel={found.channel} mayWrite={mayWrite} />
              </Suspense>
            </div>
          )}
        </QueryView>
      </Page>
    </SettingsFrame>
  );
}

function Kind({ channel }: { channel: NotificationChannel }) {
  return (
    <p className="-mt-2 flex flex-wrap items-center gap-x-3 gap-y-1 text-ink-2">
      <Badge tone={channel.enabled ? "passed" : "queued"} icon={channel.enabled ? "passed" : "pause"}>
        {channel.enabled ? words.on : words.off}
      </Badge>
      {words.types[channel.channel_type]}
      {channel.target && <span className="break-all">{channel.target}</span>}
    </p>
  );
}

function Gone() {
  const back = <ButtonLink to="/settings/notifications">{words.title}</ButtonLink>;
  return <GoneState name={words.one} actions={back} />;
}

function Removal({ channel }: { channel: NotificationChannel }) {
  const runtime = useRuntime();
  const { toast } = useToasts();
  const cache = useQueryClient();
  const navigate = useNavigate();
  const submission = useSubmission();
  const [asking, setAsking] = useState(false);
  const remove = () =>
    submission.run(async () => {
      await runtime.api.delete("/v1/settings/notification-channels/{id}", { path: { id: channel.id } });
      toast(words.remove.done(channel.name));
      await navigate({ to: "/settings/notifications", ignoreBlocker: true });
      cache.removeQueries({ queryKey: channelQuery(runtime, channel.id).queryKey });
      await cache.invalidateQueries({ queryKey: runtime.key("notifications") });
    });
  return (
    <>
      <Button icon="delete" onClick={() => setAsking(true)}>
        {words.remove.open}
      </Button>
      {asking && (
        <ConfirmDialog
          title={words.remove.title(channel.name)}
          intro={words.remove.intro}
          consequences={words.remove.consequences}
          confirmLabel={words.remove.confirm}
          pending={submission.pending}
          error={submission.error && reasonOf(submission.error)}
          onConfirm={() => void remove()}
          onClose={() => setAsking(false)}
        />
      )}
    </>
  );
}
