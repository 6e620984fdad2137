/** This tab's sessionStorage for code that must go on where storage is off. What may be stored is the caller's business. */

export function readTab(key: string): string | null {
  try {
    return sessionStorage.getItem(key);
  } catch {
    return null;
  }
}

/** Null removes. */
export function writeTab(key: string, value: string | null): void {
  try {
    if (value === null) sessionStorage.removeItem(key);
    else sessionStorage.setItem(key, value);
  } catch {
    // Storage is off or full: what was meant to be kept lives as long as the page.
  }
}

export function tabKeys(): string[] {
  try {
    return Object.keys(sessionStorage);
  } catch {
    return [];
  }
}

/** Whatever this tab and this browser keep under a key with that part in it. */
export function forgetKeys(part: string): void {
  try {
    for (const storage of [sessionStorage, localStorage])
      for (const key of Object.keys(storage)) if (key.includes(part)) storage.removeItem(key);
  } catch {
    // Storage is off: nothing was kept.
  }
}
