/** Keeps a popup at the end of its button and inside the window: below it, or above where there is more room. */
import { type RefObject, useLayoutEffect } from "react";

const GAP = 4;

type Box = RefObject<HTMLElement | null>;

export function usePlace(popup: Box, anchor: Box): void {
  useLayoutEffect(() => {
    const place = () => popup.current && anchor.current && put(popup.current, anchor.current);
    place();
    window.addEventListener("resize", place);
    window.addEventListener("scroll", place, true);
    return () => {
      window.removeEventListener("resize", place);
      window.removeEventListener("scroll", place, true);
    };
  }, [popup, anchor]);
}

function put(popup: HTMLElement, anchor: HTMLElement): void {
  const at = anchor.getBoundingClientRect();
  const { clientWidth, clientHeight } = document.documentElement;
  const { offsetWidth, offsetHeight } = popup;
  const end = getComputedStyle(anchor).direction === "rtl" ? at.left : at.right - offsetWidth;
  const below = at.bottom + GAP;
  const fits = below + offsetHeight <= clientHeight - GAP || at.top < clientHeight - at.bottom;
  const top = fits ? below : at.top - GAP - offsetHeight;
  popup.style.left = `${within(end, clientWidth - offsetWidth)}px`;
  popup.style.top = `${within(top, clientHeight - offsetHeight)}px`;
}

const within = (value: number, most: number) => Math.max(GAP, Math.min(value, most - GAP));
