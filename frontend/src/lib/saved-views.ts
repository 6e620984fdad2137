/**
 * Views of a list that a person keeps in this browser, for one instance: a name and the search of the address. They hold
 * nothing secret. It must not know what the search means.
 */
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { readBrowserJson, writeBrowser } from "./browser-storage";
import { useRuntime } from "./instances/current";
import { bootstrapQuery } from "./queries";
import { createStore, type Store, useStore } from "./store";

export type SavedView = { name: string; search: Record<string, string> };

const stores = new Map<string, Store<readonly SavedView[]>>();

export function useSavedViews(list: string) {
  const runtime = useRuntime();
  const userId = useQuery(bootstrapQuery(runtime)).data?.user.id ?? "";
  const key = `oore.views.${runtime.instance.id}.${userId}.${list}`;
  const store = useMemo(() => storeOf(key), [key]);
  const views = useStore(store);
  const write = (next: readonly SavedView[]) => {
    writeBrowser(key, JSON.stringify(next));
    store.set(next);
  };
  const without = (name: string) => store.get().filter((view) => view.name !== name);
  return {
    views,
    /** A view of the same name is replaced. */
    save: (view: SavedView) => write([...without(view.name), view]),
    remove: (name: string) => write(without(name)),
  };
}

function storeOf(key: string): Store<readonly SavedView[]> {
  const known = stores.get(key);
  if (known) return known;
  const made = createStore<readonly SavedView[]>(read(key));
  window.addEventListener("storage", (event) => {
    if (event.key === key || event.key === null) made.set(read(key));
  });
  stores.set(key, made);
  return made;
}

function read(key: string): readonly SavedView[] {
  const stored = readBrowserJson(key);
  return Array.isArray(stored) ? stored.flatMap(checked) : [];
}

function checked(value: unknown): SavedView[] {
  if (typeof value !== "object" || value === null) return [];
  const { name, search } = value as Record<string, unknown>;
  if (typeof name !== "string" || typeof search !== "object" || search === null) return [];
  const texts = Object.entries(search).filter(([, text]) => typeof text === "string");
  return [{ name, search: Object.fromEntries(texts) }];
}
