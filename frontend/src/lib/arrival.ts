/**
 * What an address brought along that must not stay in it: the answer of an identity provider, a set-up token, a recovery
 * capability. It is taken out of the address and the history before the router reads them, and lives in memory only.
 */
import { createStore } from "@/lib/store";

/** As the identity provider sent the browser back. The code must not be parsed: it is the provider's own text. */
export type ProviderAnswer = {
  code: string | null;
  state: string | null;
  error: string | null;
  description: string | null;
};

export type Arrival = { answer: ProviderAnswer | null; setupToken: string | null; recovery: string | null };

const NOTHING: Arrival = { answer: null, setupToken: null, recovery: null };

export const arrival = createStore<Arrival>(NOTHING);

/** Called before the router starts, and again when a link changes nothing but the fragment of the open page. */
export function unloadAddress(): void {
  const { pathname, search, hash } = window.location;
  const brought = readAddress(pathname, search, hash);
  if (!brought) return;
  window.history.replaceState(window.history.state, "", pathname + (brought.answer ? "" : search));
  arrival.set({ ...arrival.get(), ...brought });
}

/** Hands a part over; whoever takes it is the only one who has it. */
export function take<K extends keyof Arrival>(part: K): Arrival[K] {
  const brought = arrival.get();
  if (brought[part] !== null) arrival.set({ ...brought, [part]: null });
  return brought[part];
}

function readAddress(pathname: string, search: string, hash: string): Partial<Arrival> | null {
  const fragment = new URLSearchParams(hash.slice(1));
  if (/\/login\/?$/.test(pathname) && fragment.has("recovery")) return { recovery: fragment.get("recovery") };
  if (/\/(start|setup)\/?$/.test(pathname) && fragment.has("token"))
    return { setupToken: fragment.get("token") };
  const query = new URLSearchParams(search);
  const isAnswer = query.has("code") || query.has("error") || query.has("state");
  if (!/\/auth\/callback\/?$/.test(pathname) || !isAnswer) return null;
  const answer = {
    code: query.get("code"),
    state: query.get("state"),
    error: query.get("error"),
    description: query.get("error_description"),
  };
  return { answer };
}

window.addEventListener("hashchange", unloadAddress);
