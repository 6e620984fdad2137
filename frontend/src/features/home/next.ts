/** What comes after the first green build, and which of it is done, as this browser keeps it for the person. Its card is ./next-card. */
import { useRuntime } from "@/lib/instances/current";
import { keptValue } from "@/lib/kept-value";
import { useStore } from "@/lib/store";

const ALL = ["phone", "push", "team", "signing"] as const;
export type Next = (typeof ALL)[number];

export function useNext() {
  const store = keptValue(useRuntime(), "next", checked);
  const done = useStore(store);
  return { all: ALL, done, set: store.set, isOver: done.length === ALL.length };
}

function checked(stored: unknown): readonly Next[] {
  return Array.isArray(stored) ? ALL.filter((item) => stored.includes(item)) : [];
}
