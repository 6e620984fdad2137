/** A choice that this browser keeps. The first one is the default and leaves nothing behind. */
import { createStore, type Store } from "./store";

export function keptChoice<T extends string>(key: string, choices: readonly [T, ...T[]]): Store<T> {
  const store = createStore<T>(read(key, choices));
  return {
    ...store,
    set(next) {
      try {
        if (next === choices[0]) localStorage.removeItem(key);
        else localStorage.setItem(key, next);
      } catch {
        // Storage is off: the choice holds until a reload.
      }
      store.set(next);
    },
  };
}

function read<T extends string>(key: string, choices: readonly [T, ...T[]]): T {
  try {
    const stored = localStorage.getItem(key);
    return choices.find((choice) => choice === stored) ?? choices[0];
  } catch {
    return choices[0];
  }
}
