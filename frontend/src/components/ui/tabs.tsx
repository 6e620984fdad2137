/** Tabs that are addresses: a navigation, not a widget. */
import { type ReactNode, useLayoutEffect, useRef } from "react";

export function Tabs({ label, children }: { label: string; children: ReactNode }) {
  const list = useRef<HTMLUListElement>(null);
  useLayoutEffect(() => showCurrent(list.current), []);
  return (
    <nav aria-label={label} className="mb-4 border-b border-line">
      <ul ref={list} className="-mb-px flex gap-1 overflow-x-auto">
        {children}
      </ul>
    </nav>
  );
}

/** On phones the list is wider than the page; the page itself must not move. */
function showCurrent(list: HTMLElement | null) {
  const current = list?.querySelector("[aria-current=page]")?.getBoundingClientRect();
  if (!list || !current) return;
  const frame = list.getBoundingClientRect();
  list.scrollLeft += Math.max(0, current.right - frame.right) + Math.min(0, current.left - frame.left);
}

/** Classes for a router Link inside Tabs; the router sets aria-current on the active one. */
export const TAB_LINK =
  "target inline-flex items-center border-b-2 border-transparent px-3 py-1.5 font-medium text-ink-2 hover:text-ink aria-[current=page]:border-accent aria-[current=page]:text-ink";
