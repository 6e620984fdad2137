/** What the page of a channel is made of, loaded once its name is on screen. */
import type { NotificationChannel } from "@/api/types";
import { Pinned } from "@/components/forms/pinned";
import { Banner } from "@/components/ui";
import { notifications as words } from "@/messages/en/notifications";
import { EditForm } from "./edit-form";
import { TestRow } from "./test-row";
import { Told } from "./told";

type Props = { channel: NotificationChannel; mayWrite: boolean };

export default function ChannelParts({ channel, mayWrite }: Props) {
  return (
    <>
      {mayWrite ? (
        <>
          {/* Whether something arrived is true of the address that it was sent to. */}
          <TestRow key={channel.updated_at} channel={channel} />
          <Pinned current={channel} versionOf={({ updated_at }) => updated_at}>
            {(channel, onSaved) => <EditForm channel={channel} onSaved={onSaved} />}
          </Pinned>
        </>
      ) : (
        <Banner tone="info" title={words.readOnly} />
      )}
      <Told channelId={channel.id} />
    </>
  );
}
