/**
 * The list of known instances in localStorage['oore.instances'], shared by all tabs.
 * It must never hold a secret: unknown fields are dropped when reading and when writing.
 */
import { createStore } from "@/lib/store";

export type Instance = { id: string; label: string; url: string; addedAt: number };

const KEY = "oore.instances";

export const instances = createStore<Instance[]>(read());

window.addEventListener("storage", (event) => {
  if (event.key === KEY || event.key === null) instances.set(read());
});

/** The instance that served this page; it is registered on first use. */
export function ownInstance(): Instance {
  const url = window.location.origin;
  const known = instances.get().find((item) => item.url === url);
  return known ?? addInstance({ label: window.location.host, url });
}

export function addInstance({ label, url }: { label: string; url: string }): Instance {
  const instance = { id: newId(), label, url: normaliseUrl(url), addedAt: Date.now() };
  write([...instances.get().filter((item) => item.url !== instance.url), instance]);
  return instance;
}

export function removeInstance(id: string): void {
  write(instances.get().filter((item) => item.id !== id));
}

export function renameInstance(id: string, label: string): void {
  write(instances.get().map((item) => (item.id === id ? { ...item, label } : item)));
}

/** Origin and path without a trailing slash; throws on anything that is not http(s). */
export function normaliseUrl(input: string): string {
  const url = new URL(input);
  if (url.protocol !== "https:" && url.protocol !== "http:")
    throw new TypeError(`unsupported scheme ${url.protocol}`);
  return url.origin + url.pathname.replace(/\/+$/, "");
}

function write(list: Instance[]): void {
  try {
    localStorage.setItem(KEY, JSON.stringify(list));
  } catch {
    // Storage is off or full: the list lives until the tab closes.
  }
  instances.set(list);
}

function read(): Instance[] {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(KEY) ?? "[]");
    return Array.isArray(stored) ? stored.flatMap(checked) : [];
  } catch {
    return [];
  }
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
