/** When each instance was last opened in this browser. Apart from the list, which holds what it says and no more. */

const keyOf = (id: string) => `oore.last-used.${id}`;

export function markUsed(id: string): void {
  try {
    localStorage.setItem(keyOf(id), String(Date.now()));
  } catch {
    // Storage is off: nobody remembers.
  }
}

/** In unix ms; null for an instance that was never opened here. */
export function lastUsed(id: string): number | null {
  try {
    return Number(localStorage.getItem(keyOf(id))) || null;
  } catch {
    return null;
  }
}
