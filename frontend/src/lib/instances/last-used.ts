/** When each instance was last opened in this browser. Apart from the list, which holds what it says and no more. */
import { readBrowser, writeBrowser } from "../browser-storage";

const keyOf = (id: string) => `oore.last-used.${id}`;

export function markUsed(id: string): void {
  writeBrowser(keyOf(id), String(Date.now()));
}

/** In unix ms; null for an instance that was never opened here. */
export function lastUsed(id: string): number | null {
  return Number(readBrowser(keyOf(id))) || null;
}
