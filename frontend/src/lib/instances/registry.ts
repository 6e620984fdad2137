/**
 * The list of known instances in localStorage['oore.instances'], shared by all tabs, in the order in which they are shown.
 * It must never hold a secret: unknown fields are dropped when reading and when writing.
 */

import { isHosted } from "@/lib/hosted";
import { createStore } from "@/lib/store";
import { readBrowserJson, writeBrowser } from "../browser-storage";

export type Instance = { id: string; label: string; url: string; addedAt: number };

const KEY = "oore.instances";

export const instances = createStore<Instance[]>(read());

window.addEventListener("storage", (event) => {
  if (event.key === KEY || event.key === null) instances.set(withOwn(read()));
});

/** Where the page comes from is an instance, unless the build is a hosted one. */
export function isOwn({ url }: Pick<Instance, "url">): boolean {
  return !isHosted() && url === window.location.origin;
}

/** The instance that served this page; it is registered on first use. There is none in a hosted build. */
export function ownInstance(): Instance | null {
  if (isHosted()) return null;
  return addInstance({ label: window.location.host, url: window.location.origin });
}

/** The instance that an address names; null for one that is not in the list, and for what is no address. */
export function instanceAt(address: string): Instance | null {
  try {
    const url = normaliseUrl(address);
    return instances.get().find((item) => item.url === url) ?? null;
  } catch {
    return null;
  }
}

/** An address is in the list once: adding it again answers the entry that is there. */
export function addInstance({
  label,
  url,
  addedAt = Date.now(),
}: Omit<Instance, "id" | "addedAt"> & { addedAt?: number }): Instance {
  const known = instanceAt(url);
  if (known) return known;
  const instance = { id: newId(), label, url: normaliseUrl(url), addedAt };
  write([...instances.get(), instance]);
  return instance;
}

export function removeInstance(id: string): void {
  write(instances.get().filter((item) => item.id !== id));
}

export function renameInstance(id: string, label: string): void {
  write(instances.get().map((item) => (item.id === id ? { ...item, label } : item)));
}

/** Puts an instance at a place of the list, counted from 0. */
export function moveInstance(id: string, place: number): void {
  const list = instances.get();
  const moved = list.find((item) => item.id === id);
  if (!moved) return;
  const others = list.filter((item) => item !== moved);
  write([...others.slice(0, place), moved, ...others.slice(place)]);
}

/** Origin and path without a trailing slash; throws on anything that is not http(s) or carries credentials. */
export function normaliseUrl(input: string): string {
  const url = new URL(input);
  if (url.protocol !== "https:" && url.protocol !== "http:")
    throw new TypeError(`unsupported scheme ${url.protocol}`);
  if (url.username || url.password) throw new TypeError("an address must not carry credentials");
  return url.origin + url.pathname.replace(/\/+$/, "");
}

function write(list: Instance[]): void {
  writeBrowser(KEY, JSON.stringify(list));
  instances.set(list);
}

/** Whoever empties the storage in another tab must not take the page's own instance from under this one. */
function withOwn(list: Instance[]): Instance[] {
  const own = instances.get().find(isOwn);
  return own && !list.some(isOwn) ? [own, ...list] : list;
}

function read(): Instance[] {
  const stored = readBrowserJson(KEY);
  return Array.isArray(stored) ? stored.flatMap(checked) : [];
}

function checked(value: unknown): Instance[] {
  if (typeof value !== "object" || value === null) return [];
  const { id, label, url, addedAt } = value as Record<string, unknown>;
  if (
    typeof id !== "string" ||
    typeof label !== "string" ||
    typeof url !== "string" ||
    typeof addedAt !== "number"
  )
    return [];
  try {
    return [{ id, label, url: normaliseUrl(url), addedAt }];
  } catch {
    return [];
  }
}

/** randomUUID exists only in secure contexts; an instance on a LAN address is not one. */
function newId(): string {
  if (typeof crypto.randomUUID === "function") return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12})$/, "$1-$2-4$3-8$4-$5");
}
