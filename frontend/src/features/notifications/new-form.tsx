/** Making a channel. What kind it is decides what it is asked for, and stays. */
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import type { NotificationChannelType } from "@/api/types";
import { Field, Select, useToasts } from "@/components/ui";
import { useSubmission } from "@/lib/form";
import { useRuntime } from "@/lib/instances/current";
import { notifications as words } from "@/messages/en/notifications";
import { ChannelForm } from "./channel-form";
import { createRequestOf, type Secrets, type Value } from "./value";

const TYPES = ["slack", "teams", "discord", "mattermost", "email", "webhook"] as const;

export default function NewForm() {
  const runtime = useRuntime();
  const { toast } = useToasts();
  const cache = useQueryClient();
  const navigate = useNavigate();
  const submission = useSubmission();
  const [type, setType] = useState<NotificationChannelType>("slack");
  const save = (value: Value, secrets: Secrets) =>
    submission.run(async () => {
      const body = createRequestOf(type, value, secrets);
      const { channel } = await runtime.api.post("/v1/settings/notification-channels", { body });
      toast(words.form.created(channel.name));
      void cache.invalidateQueries({ queryKey: runtime.key("notifications") });
      await navigate({
        to: "/settings/notifications/$channelId",
        params: { channelId: channel.id },
        ignoreBlocker: true,
      });
    });
  return (
    <div className="max-w-3xl">
      <ChannelForm
        type={type}
        label={words.form.create}
        submission={submission}
        onSave={(value, secrets) => void save(value, secrets)}
      >
        <Field label={words.form.type}>
          <Select
            className="max-w-60"
            value={type}
            onChange={({ target }) => {
              // What was refused may be of a field that is not asked for any more.
              submission.reset();
              setType(target.value as NotificationChannelType);
            }}
          >
            {TYPES.map((kind) => (
              <option key={kind} value={kind}>
                {words.types[kind]}
              </option>
            ))}
          </Select>
        </Field>
      </ChannelForm>
    </div>
  );
}
