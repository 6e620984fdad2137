/** What somebody has put off: by the key of the matter, until when. A matter that comes up anew has another key. */
import { useNow } from "@/lib/clock";
import { useRuntime } from "@/lib/instances/current";
import { keptValue } from "@/lib/kept-value";
import { useStore } from "@/lib/store";

export const HOURS = [1, 24, 168] as const;
const MOST = 200;

type Snoozed = Record<string, number>;

export function useSnooze() {
  const store = keptValue(useRuntime(), "snoozed", checked);
  const snoozed = useStore(store);
  const now = useNow("minute");
  const live = () => Object.entries(store.get()).filter(([, until]) => until > Date.now());
  return {
    isSnoozed: (key: string) => (snoozed[key] ?? 0) > now,
    snooze: (key: string, hours: number) =>
      store.set(Object.fromEntries([...live(), [key, Date.now() + hours * 3_600_000] as const].slice(-MOST))),
    wake: (keys: readonly string[]) =>
      store.set(Object.fromEntries(live().filter(([key]) => !keys.includes(key)))),
  };
}

function checked(stored: unknown): Snoozed {
  if (typeof stored !== "object" || stored === null) return {};
  return Object.fromEntries(Object.entries(stored).filter(([, until]) => typeof until === "number"));
}
