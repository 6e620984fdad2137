/** The sheet of the keys that act on the page under it. */
import { useState } from "react";
import { ButtonLink, Dialog } from "@/components/ui";
import { activeShortcuts } from "@/lib/shortcuts";
import { keys as words } from "@/messages/en/keys";
import { ShortcutList, ShortcutSwitch } from "./shortcuts";

export default function KeysDialog({ onClose }: { onClose: () => void }) {
  const [ids] = useState(activeShortcuts);
  const footer = (
    <ButtonLink to="/me/shortcuts" onClick={onClose}>
      {words.all}
    </ButtonLink>
  );
  return (
    <Dialog title={words.title} description={words.here} onClose={onClose} footer={footer}>
      <div className="flex flex-col gap-4">
        <ShortcutList ids={ids} level={3} />
        {ids.includes("wrap") && <p className="text-ink-2">{words.inLog}</p>}
        <ShortcutSwitch />
      </div>
    </Dialog>
  );
}
