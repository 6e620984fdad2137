/** Which instance this tab shows. The choice is the tab's own; it must never appear in a URL. */
import { createStore, useStore } from "@/lib/store";
import { instances, ownInstance } from "./registry";
import { type Runtime, runtimeOf } from "./runtime";

const KEY = "oore.active";

const activeId = createStore<string | null>(readActive());

export function currentRuntime(): Runtime {
  const chosen = instances.get().find((item) => item.id === activeId.get());
  return runtimeOf(chosen ?? ownInstance());
}

export function switchInstance(id: string): void {
  currentRuntime().live.stop();
  try {
    sessionStorage.setItem(KEY, id);
  } catch {
    // Storage is off: the choice holds until a reload.
  }
  activeId.set(id);
}

/** The runtime of the instance on screen; the component renders again when the person switches. */
export function useRuntime(): Runtime {
  useStore(activeId);
  useStore(instances);
  return currentRuntime();
}

function readActive(): string | null {
  try {
    return sessionStorage.getItem(KEY);
  } catch {
    return null;
  }
}
