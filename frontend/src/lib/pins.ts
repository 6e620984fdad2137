/**
 * The projects that a person has pinned, at most seven, in the order they were pinned. Their names are kept with them, so that
 * naming them costs no request; whoever shows a pinned project says what it is called now.
 */
import { useRuntime } from "./instances/current";
import type { Runtime } from "./instances/runtime";
import { keptValue } from "./kept-value";
import { type Store, useStore } from "./store";

export const MOST_PINS = 7;

export type Pin = { id: string; name: string };

export const pinsOf = (runtime: Runtime): Store<readonly Pin[]> => keptValue(runtime, "pins", checked);

export function usePins() {
  const runtime = useRuntime();
  const store = pinsOf(runtime);
  const pins = useStore(store);
  const has = (id: string) => pins.some((pin) => pin.id === id);
  return {
    pins,
    isFull: pins.length >= MOST_PINS,
    has,
    toggle: ({ id, name }: Pin) =>
      has(id) ? unpin(runtime, id) : store.set([...pins, { id, name }].slice(0, MOST_PINS)),
  };
}

/** Takes a project off, for instance because it is deleted. */
export function unpin(runtime: Runtime, id: string): void {
  const store = pinsOf(runtime);
  store.set(store.get().filter((pin) => pin.id !== id));
}

/** Keeps what a project is called now, if it is pinned. */
export function namePin(runtime: Runtime, { id, name }: Pin): void {
  const store = pinsOf(runtime);
  const isOld = (pin: Pin) => pin.id === id && pin.name !== name;
  if (store.get().some(isOld)) store.set(store.get().map((pin) => (isOld(pin) ? { id, name } : pin)));
}

/** Earlier versions kept the ids alone: those have no name until their project is shown. */
function checked(stored: unknown): readonly Pin[] {
  if (!Array.isArray(stored)) return [];
  const pins = stored.map((entry) => ({ id: entry?.id ?? entry, name: entry?.name ?? "" }));
  return pins
    .filter(({ id, name }) => typeof id === "string" && typeof name === "string")
    .slice(0, MOST_PINS);
}
