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
    <Dialog title={words.title} description={words.here} size="large" onClose={onClose} footer={footer}>
      {/* First, because a dialog's first control gets the focus: below, it would scroll the keys away. */}
      <ShortcutSwitch />
      <div className="mt-4 sm:columns-2 *:mb-4 *:break-inside-avoid">
        <ShortcutList ids={ids} level={3} />
      </div>
      {ids.includes("wrap") && <p className="text-ink-2">{words.inLog}</p>}
    </Dialog>
  );
}
