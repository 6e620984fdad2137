/** Changing a channel. What stays secret stays stored unless it is typed anew. */
import { useQueryClient } from "@tanstack/react-query";
import type { NotificationChannel } from "@/api/types";
import { useToasts } from "@/components/ui";
import { useSubmission } from "@/lib/form";
import { useRuntime } from "@/lib/instances/current";
import { notifications as words } from "@/messages/en/notifications";
import { ChannelForm } from "./channel-form";
import { requestOf, type Secrets, type Value } from "./value";

type Props = { channel: NotificationChannel; onSaved: (channel: NotificationChannel) => void };

export function EditForm({ channel, onSaved }: Props) {
  const runtime = useRuntime();
  const { toast } = useToasts();
  const cache = useQueryClient();
  const submission = useSubmission();
  const save = (value: Value, secrets: Secrets) =>
    submission.run(async () => {
      const answer = await runtime.api.put("/v1/settings/notification-channels/{id}", {
        path: { id: channel.id },
        body: requestOf(channel.channel_type, value, secrets),
      });
      cache.setQueryData(runtime.key("notifications", "channel", channel.id), answer);
      onSaved(answer.channel);
      toast(words.form.saved(answer.channel.name));
      await cache.invalidateQueries({ queryKey: runtime.key("notifications", "channels") });
    });
  return (
    <ChannelForm
      type={channel.channel_type}
      channel={channel}
      submission={submission}
      label={words.form.save}
      onSave={(value, secrets) => void save(value, secrets)}
    />
  );
}
