/** Sends a test through a channel as it is stored, and says whether it arrived. */
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { NotificationChannel } from "@/api/types";
import { Banner, Button, FormError } from "@/components/ui";
import { useSubmission } from "@/lib/form";
import { useRuntime } from "@/lib/instances/current";
import { notifications } from "@/messages/en/notifications";

const words = notifications.test;
type Found = { success: boolean; error?: string | null };

export function TestRow({ channel }: { channel: NotificationChannel }) {
  const runtime = useRuntime();
  const cache = useQueryClient();
  const submission = useSubmission();
  const [found, setFound] = useState<Found | null>(null);
  const send = () =>
    submission.run(async () => {
      setFound(null);
      const path = { id: channel.id };
      setFound(await runtime.api.post("/v1/settings/notification-channels/{id}/test", { path }));
      await cache.invalidateQueries({ queryKey: runtime.key("notifications", "deliveries", channel.id) });
    });
  return (
    <div className="flex flex-col items-start gap-3">
      <Button icon="play" pending={submission.pending} onClick={() => void send()}>
        {words.run}
      </Button>
      <div aria-live="polite" className="w-full">
        {found?.success && <p className="text-passed">{words.done}</p>}
        {found && !found.success && (
          <Banner tone="bad" title={words.failed}>
            <p className="wrap-anywhere">{found.error}</p>
          </Banner>
        )}
        <FormError error={submission.error} />
      </div>
    </div>
  );
}
