/**
 * Which instance this tab shows. The address says it: `?instance=<url>`, or nothing for the instance that served the page.
 * An address must never carry the id of an entry in this browser's list.
 */
import { createContext, useContext } from "react";
import { isHosted } from "@/lib/hosted";
import { readTab, writeTab } from "@/lib/tab-storage";
import { markUsed } from "./last-used";
import { type Instance, instanceAt, instances, isOwn, ownInstance } from "./registry";
import { type Runtime, runtimeOf } from "./runtime";

const KEY = "oore.active";

/** What the tab showed last. An identity provider's answer does not say for which instance it is, so it outlives the page. */
let chosen: string | null = null;

/** The instance that an address means by `?instance=`; null if it is not known here or, in a hosted build, not said. */
export function namedInstance(address: string | undefined): Instance | null {
  return address === undefined ? ownInstance() : instanceAt(address);
}

/** What links to pages of the instance say; nothing on the instance's own pages. */
export function statedAddress(instance: Instance): string | undefined {
  return isOwn(instance) ? undefined : instance.url;
}

export function chooseInstance({ id }: Instance): void {
  if (id !== chosen) markUsed(id);
  chosen = id;
  writeTab(KEY, id);
}

export function chosenInstance(): Instance | null {
  return find(chosen);
}

/** Where an address says nothing of the instance, the tab goes on with the one it showed before it left or was reloaded. */
export function resumeChoice(): void {
  const isSilent = isHosted() || /\/auth\/callback\/?$/.test(window.location.pathname);
  if (isSilent) chosen ??= readTab(KEY);
}

/** The full address of a page of ours about that instance, for another site to come back to. */
export function pageAddress(instance: Instance, path: string): string {
  return window.location.origin + pathAt(path, statedAddress(instance));
}

/** The same page of ours for the instance at an address, whichever it was for. */
export function pathAt(path: string, address: string | undefined): string {
  const url = new URL(path, window.location.origin);
  url.searchParams.delete("instance");
  if (address !== undefined) url.searchParams.set("instance", address);
  return url.pathname + url.search + url.hash;
}

/** The runtime of the instance that is chosen, for code outside of components; the own one if none was chosen. */
export function currentRuntime(): Runtime {
  const instance = chosenInstance() ?? ownInstance();
  if (!instance) throw new Error("no instance is chosen");
  return runtimeOf(instance);
}

export const RuntimeContext = createContext<Runtime | null>(null);

/** The runtime of the instance on screen. Everything below the root has one, but for the list of instances. */
export function useRuntime(): Runtime {
  const runtime = useContext(RuntimeContext);
  if (!runtime) throw new Error("no instance is on screen");
  return runtime;
}

function find(id: string | null): Instance | null {
  return instances.get().find((item) => item.id === id) ?? null;
}
