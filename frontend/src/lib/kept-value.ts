/**
 * What a person keeps in this browser for one instance, as JSON: every part of the page sees a change, other tabs too. It must
 * never be given a secret.
 */
import { readBrowserJson, writeBrowser } from "./browser-storage";
import type { Runtime } from "./instances/runtime";
import { createStore, type Store } from "./store";

const stores = new Map<string, Store<unknown>>();

/** `check` makes a value of whatever was stored, or of null. */
export function keptValue<T>(runtime: Runtime, name: string, check: (stored: unknown) => T): Store<T> {
  const userId = runtime.session.current.get()?.userId ?? "";
  const key = `oore.${name}.${runtime.instance.id}.${userId}`;
  const known = stores.get(key) as Store<T> | undefined;
  if (known) return known;
  const store = createStore<T>(check(readBrowserJson(key)));
  const kept: Store<T> = {
    ...store,
    set(next) {
      writeBrowser(key, JSON.stringify(next));
      store.set(next);
    },
  };
  window.addEventListener("storage", (event) => {
    // Without a key everything was removed.
    if (event.key === key || event.key === null) store.set(check(readBrowserJson(key)));
  });
  stores.set(key, kept as Store<unknown>);
  return kept;
}
