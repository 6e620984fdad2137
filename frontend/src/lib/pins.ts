/** The projects that a person has pinned, at most seven, in the order they were pinned. */
import { useRuntime } from "./instances/current";
import type { Runtime } from "./instances/runtime";
import { keptValue } from "./kept-value";
import { type Store, useStore } from "./store";

export const MOST_PINS = 7;

export const pinsOf = (runtime: Runtime): Store<readonly string[]> => keptValue(runtime, "pins", checked);

export function usePins() {
  const store = pinsOf(useRuntime());
  const pins = useStore(store);
  return {
    pins,
    isFull: pins.length >= MOST_PINS,
    has: (id: string) => pins.includes(id),
    toggle: (id: string) =>
      store.set(pins.includes(id) ? pins.filter((pin) => pin !== id) : [...pins, id].slice(0, MOST_PINS)),
  };
}

function checked(stored: unknown): readonly string[] {
  return Array.isArray(stored)
    ? stored.filter((id): id is string => typeof id === "string").slice(0, MOST_PINS)
    : [];
}
