/**
 * j and k move the focus from row to row of the lists on a page, and so do the arrows from a row on; Enter opens by itself, x
 * ticks, . opens its menu. A row's link says `data-row`.
 */
import { useShortcuts } from "./shortcuts";

export function useRowKeys(rows: "plain" | "selectable" = "plain"): void {
  useShortcuts({
    next: () => move(1),
    previous: () => move(-1),
    select: rows === "selectable" ? tick : undefined,
    rowActions: rows === "selectable" ? openMenu : undefined,
  });
}

const links = () => [...document.querySelectorAll<HTMLElement>("#main [data-row]")];
const rowOf = (element: Element | null) => element?.closest("li") ?? null;

function move(by: 1 | -1): void {
  const all = links();
  const at = all.findIndex((link) => rowOf(link)?.contains(document.activeElement));
  const next = at === -1 ? all.at(by === 1 ? 0 : -1) : all[at + by];
  next?.focus({ preventScroll: true });
  next?.scrollIntoView({ block: "nearest" });
}

function tick(): void {
  rowOf(document.activeElement)?.querySelector<HTMLInputElement>("input[type=checkbox]")?.click();
}

function openMenu(): void {
  rowOf(document.activeElement)?.querySelector<HTMLElement>("[aria-haspopup=menu]")?.click();
}
