/** Tabs that are addresses: a navigation, not a widget. */
import type { ReactNode } from "react";

export function Tabs({ label, children }: { label: string; children: ReactNode }) {
  return (
    <nav aria-label={label} className="mb-4 border-b border-line">
      <ul className="-mb-px flex gap-1 overflow-x-auto">{children}</ul>
    </nav>
  );
}

/** Classes for a router Link inside Tabs; the router sets aria-current on the active one. */
export const TAB_LINK =
  "target inline-flex items-center border-b-2 border-transparent px-3 py-1.5 font-medium text-ink-2 hover:text-ink aria-[current=page]:border-accent aria-[current=page]:text-ink";
