/** While something lies over the whole window, nothing behind it can be reached; Escape ends it. Messages stay readable. */
import { type RefObject, useEffect, useEffectEvent } from "react";

const OVER_EVERYTHING = "section:has(> [aria-live]), [role=dialog], [role=menu]";

export function useIsolation(
  over: RefObject<HTMLElement | null>,
  isOver: boolean,
  onEscape: () => void,
): void {
  const leave = useEffectEvent(onEscape);
  useEffect(() => {
    if (!isOver || !over.current) return;
    const hidden = othersOf(over.current).filter((element) => !element.matches(OVER_EVERYTHING));
    for (const element of hidden) element.inert = true;
    const press = (event: KeyboardEvent) => {
      const isElsewhere = event.target instanceof Element && event.target.closest("input, [role=dialog]");
      if (event.key === "Escape" && !event.defaultPrevented && !isElsewhere) leave();
    };
    window.addEventListener("keydown", press);
    return () => {
      for (const element of hidden) element.inert = false;
      window.removeEventListener("keydown", press);
    };
  }, [over, isOver]);
}

/** What stands beside the element and beside what holds it, up to the page. */
function othersOf(element: HTMLElement): HTMLElement[] {
  const others: HTMLElement[] = [];
  for (
    let held: HTMLElement = element;
    held !== document.body && held.parentElement;
    held = held.parentElement
  ) {
    for (const sibling of held.parentElement.children) {
      if (sibling !== held && sibling instanceof HTMLElement && !sibling.inert) others.push(sibling);
    }
  }
  return others;
}
