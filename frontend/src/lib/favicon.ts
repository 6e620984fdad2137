/** Shows a state in the tab's icon, by shape as well as colour. It must put the own icon back when the page is left. */
import { useEffect } from "react";

export type FaviconState = "passed" | "failed" | "running" | "waiting" | "stopped";

const SHAPES: Record<FaviconState, string> = {
  passed:
    '<circle cx="16" cy="16" r="15" fill="#0b6b43"/><path d="M9 17l5 5 10-12" fill="none" stroke="#fff" stroke-width="4"/>',
  failed:
    '<path d="M10 1h12l9 9v12l-9 9H10l-9-9V10z" fill="#b4232a"/><path d="M10 10l12 12M22 10L10 22" stroke="#fff" stroke-width="4"/>',
  running:
    '<circle cx="16" cy="16" r="13" fill="none" stroke="#1a5fb8" stroke-width="5"/><path d="M13 10v12l9-6z" fill="#1a5fb8"/>',
  waiting:
    '<circle cx="16" cy="16" r="13" fill="none" stroke="#7f879c" stroke-width="5"/><path d="M16 9v8l5 3" fill="none" stroke="#7f879c" stroke-width="4"/>',
  stopped:
    '<circle cx="16" cy="16" r="13" fill="none" stroke="#7f879c" stroke-width="5"/><path d="M8 24L24 8" stroke="#7f879c" stroke-width="5"/>',
};

const iconLink = (): HTMLLinkElement | null => document.querySelector('link[rel="icon"]');

export function useFavicon(state: FaviconState | null): void {
  useEffect(() => {
    const link = iconLink();
    if (!link || !state) return;
    const own = link.href;
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">${SHAPES[state]}</svg>`;
    link.href = `data:image/svg+xml,${encodeURIComponent(svg)}`;
    return () => {
      link.href = own;
    };
  }, [state]);
}
