/** This browser's localStorage for code that must go on where storage is off. What may be stored is the caller's business. */

export function readBrowser(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

/** Null if nothing is stored, or nothing that can be read. */
export function readBrowserJson(key: string): unknown {
  try {
    return JSON.parse(readBrowser(key) ?? "null");
  } catch {
    return null;
  }
}

/** Null removes. */
export function writeBrowser(key: string, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(key);
    else localStorage.setItem(key, value);
  } catch {
    // Storage is off or full: what was meant to be kept lives as long as the page.
  }
}
