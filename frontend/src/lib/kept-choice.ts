/** A choice that this browser keeps. The first one is the default and leaves nothing behind. */
import { readBrowser, writeBrowser } from "./browser-storage";
import { createStore, type Store } from "./store";

export function keptChoice<T extends string>(key: string, choices: readonly [T, ...T[]]): Store<T> {
  const store = createStore<T>(read(key, choices));
  return {
    ...store,
    set(next) {
      writeBrowser(key, next === choices[0] ? null : next);
      store.set(next);
    },
  };
}

function read<T extends string>(key: string, choices: readonly [T, ...T[]]): T {
  const stored = readBrowser(key);
  return choices.find((choice) => choice === stored) ?? choices[0];
}
