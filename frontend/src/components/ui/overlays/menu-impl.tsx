/** The menu on Base UI; loaded on the first open. Everyone else imports ../menu. */
import { Menu as Base } from "@base-ui/react/menu";
import type { RefObject } from "react";
import { Icon } from "../icon";
import type { MenuEntry } from "../menu";

type Props = {
  entries: MenuEntry[];
  label: string;
  anchor: RefObject<HTMLButtonElement | null>;
  onClose: () => void;
};

const ITEM =
  "target flex w-full cursor-pointer items-center gap-2 rounded-sm px-2 py-1 text-start outline-none data-highlighted:bg-sunken data-disabled:opacity-55";

export default function MenuImpl({ entries, label, anchor, onClose }: Props) {
  return (
    <Base.Root open onOpenChange={(open) => !open && onClose()} modal={false}>
      <Base.Portal>
        <Base.Positioner anchor={anchor} align="end" sideOffset={4} className="z-50">
          <Base.Popup
            aria-label={label}
            finalFocus={anchor}
            className="card rise min-w-44 max-w-[92vw] p-1 shadow-pop outline-none"
          >
            {entries.map((entry) => (
              <Entry key={entry.label} entry={entry} />
            ))}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}

function Entry({ entry }: { entry: MenuEntry }) {
  if (entry.kind === "heading") {
    return <div className="px-2 pt-2 pb-1 text-xs font-medium text-ink-3">{entry.label}</div>;
  }
  if (entry.kind === "choice") {
    return (
      <Base.CheckboxItem
        checked={entry.checked}
        onCheckedChange={entry.onSelect}
        className={ITEM}
        closeOnClick
      >
        <span className="size-4">{entry.checked && <Icon name="check" />}</span>
        {entry.label}
      </Base.CheckboxItem>
    );
  }
  return (
    <Base.Item
      onClick={entry.onSelect}
      disabled={Boolean(entry.disabledReason)}
      className={`${ITEM} ${entry.danger ? "text-failed" : ""}`}
    >
      <span className="size-4">{entry.icon && <Icon name={entry.icon} />}</span>
      <span>
        {entry.label}
        {entry.disabledReason && <span className="block text-xs text-ink-3">{entry.disabledReason}</span>}
      </span>
    </Base.Item>
  );
}
