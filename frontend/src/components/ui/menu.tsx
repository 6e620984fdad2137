/** A button that opens a menu. The implementation is loaded on the first open. */
import { type ReactNode, useRef, useState } from "react";
import type { IconName } from "./icon";
import { onRequest } from "./on-request";

export type MenuEntry =
  | { kind: "heading"; label: string }
  | { kind: "choice"; label: string; checked: boolean; onSelect: () => void }
  | {
      kind: "action";
      label: string;
      icon?: IconName;
      danger?: boolean;
      disabledReason?: string | null;
      onSelect: () => void;
    };

type Props = {
  label: string;
  entries: MenuEntry[];
  /** The shortcut that opens it. */
  keys?: string;
  children: ReactNode;
  className?: string;
};

const load = () => import("./overlays/menu-impl");
const Impl = onRequest(load);

export function Menu({ label, entries, keys, children, className = "" }: Props) {
  const [open, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  return (
    <>
      <button
        ref={button}
        type="button"
        aria-haspopup="menu"
        aria-expanded={open}
        aria-label={label}
        aria-keyshortcuts={keys}
        onPointerEnter={() => void load().catch(() => undefined)}
        onClick={() => setOpen(!open)}
        className={`target inline-flex items-center justify-center gap-1.5 rounded px-1.5 text-ink-2 hover:bg-sunken hover:text-ink ${className}`}
      >
        {children}
      </button>
      {open && <Impl entries={entries} label={label} anchor={button} onClose={() => setOpen(false)} />}
    </>
  );
}
