/**
 * The menu; loaded on the first open, everyone else imports ../menu. Ours and not Base UI's, whose menus stand outside all
 * landmarks between focusable elements that are hidden from screen readers. It must not know what its entries do.
 */
import {
  type ComponentProps,
  type FocusEvent,
  type KeyboardEvent,
  type RefObject,
  useEffect,
  useRef,
} from "react";
import { createPortal } from "react-dom";
import { Icon } from "../icon";
import type { MenuEntry } from "../menu";
import { usePlace } from "./use-place";

type Props = {
  entries: MenuEntry[];
  label: string;
  anchor: RefObject<HTMLButtonElement | null>;
  onClose: () => void;
};

export default function MenuImpl({ entries, label, anchor, onClose }: Props) {
  const menu = useRef<HTMLDivElement>(null);
  usePlace(menu, anchor);
  useEffect(() => itemsOf(menu.current)[0]?.focus({ preventScroll: true }), []);
  useEffect(() => {
    function press({ target }: PointerEvent) {
      const isOurs = [menu, anchor].some(({ current }) => current?.contains(target as Node));
      if (!isOurs) onClose();
    }
    document.addEventListener("pointerdown", press, true);
    return () => document.removeEventListener("pointerdown", press, true);
  }, [anchor, onClose]);
  function leave() {
    anchor.current?.focus({ preventScroll: true });
    onClose();
  }
  function keyDown(event: KeyboardEvent) {
    // From the button the browser goes on to what follows it.
    if (event.key === "Tab") return leave();
    const next = itemFor(event.key, itemsOf(menu.current));
    if (!next && event.key !== "Escape") return;
    event.preventDefault();
    event.stopPropagation();
    if (next) next.focus();
    else leave();
  }
  function blur({ relatedTarget }: FocusEvent) {
    if (relatedTarget && relatedTarget !== anchor.current && !menu.current?.contains(relatedTarget))
      onClose();
  }
  function choose(select: () => void) {
    leave();
    select();
  }
  return createPortal(
    <div
      ref={menu}
      role="menu"
      aria-label={label}
      onKeyDown={keyDown}
      onBlur={blur}
      className="card rise fixed z-50 max-h-[92dvh] min-w-44 max-w-[92vw] overflow-y-auto p-1 shadow-pop"
    >
      {entries.map((entry, place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: entries have no state, and two may be called the same
        <Entry key={place} entry={entry} onChoose={choose} />
      ))}
    </div>,
    document.getElementById("main") ?? document.body,
  );
}

function itemsOf(menu: HTMLElement | null): HTMLElement[] {
  return [...(menu?.querySelectorAll<HTMLElement>("[role^=menuitem]") ?? [])];
}

/** Where a key leads: up, down, to an end, or to the next item that begins with the letter. */
function itemFor(key: string, items: HTMLElement[]): HTMLElement | undefined {
  const at = items.indexOf(document.activeElement as HTMLElement);
  if (key === "ArrowDown") return items[(at + 1) % items.length];
  if (key === "ArrowUp") return items.at(at <= 0 ? -1 : at - 1);
  if (key === "Home") return items[0];
  if (key === "End") return items.at(-1);
  if (key.length !== 1 || key === " ") return undefined;
  const letter = key.toLowerCase();
  const fromNext = [...items.slice(at + 1), ...items.slice(0, at + 1)];
  return fromNext.find((item) => item.textContent.trim().toLowerCase().startsWith(letter));
}

type EntryProps = { entry: MenuEntry; onChoose: (select: () => void) => void };

function Entry({ entry, onChoose }: EntryProps) {
  if (entry.kind === "heading") {
    return (
      <div role="presentation" className="px-2 pt-2 pb-1 text-xs font-medium text-ink-3">
        {entry.label}
      </div>
    );
  }
  const choose = () => onChoose(entry.onSelect);
  if (entry.kind === "choice") {
    return (
      <Item role="menuitemcheckbox" aria-checked={entry.checked} onClick={choose}>
        <span className="size-4">{entry.checked && <Icon name="check" />}</span>
        {entry.label}
      </Item>
    );
  }
  const { disabledReason } = entry;
  return (
    <Item
      role="menuitem"
      aria-disabled={disabledReason ? true : undefined}
      onClick={disabledReason ? undefined : choose}
      className={entry.danger ? "text-failed" : ""}
    >
      <span className="size-4">{entry.icon && <Icon name={entry.icon} />}</span>
      <span>
        {entry.label}
        {disabledReason && <span className="block text-xs text-ink-3">{disabledReason}</span>}
      </span>
    </Item>
  );
}

function Item({ className = "", ...rest }: ComponentProps<"button">) {
  return (
    <button
      type="button"
      tabIndex={-1}
      // One item is lit, whether the pointer or the keys led there.
      onPointerMove={({ currentTarget }) => currentTarget.focus({ preventScroll: true })}
      className={`target flex w-full cursor-pointer items-center gap-2 rounded-sm px-2 py-1 text-start focus:bg-sunken aria-disabled:opacity-55 ${className}`}
      {...rest}
    />
  );
}
