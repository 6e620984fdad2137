/** Keeps what is typed in a form across reloads of the tab. It must never be given a secret. */
import { useCallback, useEffect, useState } from "react";

export type Draft<T> = { value: T; change: (patch: Partial<T>) => void; dirty: boolean; discard: () => void };

/** `keep` says what may be stored; it leaves out fields that could hold a secret. */
export function useDraft<T extends object>(
  key: string,
  initial: T,
  keep: (value: T) => Partial<T> = all,
): Draft<T> {
  const storageKey = `oore.draft.${key}`;
  const [value, setValue] = useState<T>(() => read(storageKey, initial));
  const dirty = JSON.stringify(value) !== JSON.stringify(initial);
  useEffect(() => write(storageKey, dirty ? keep(value) : null), [storageKey, dirty, keep, value]);
  const change = useCallback((patch: Partial<T>) => setValue((old) => ({ ...old, ...patch })), []);
  const discard = useCallback(() => write(storageKey, null), [storageKey]);
  return { value, change, dirty, discard };
}

function all<T>(value: T): T {
  return value;
}

function read<T extends object>(key: string, initial: T): T {
  try {
    const stored = JSON.parse(sessionStorage.getItem(key) ?? "null");
    return stored && typeof stored === "object" ? { ...initial, ...stored } : initial;
  } catch {
    return initial;
  }
}

function write(key: string, value: object | null): void {
  try {
    if (value) sessionStorage.setItem(key, JSON.stringify(value));
    else sessionStorage.removeItem(key);
  } catch {
    // Storage is off or full: the draft lives as long as the page.
  }
}
