/**
 * The trip to the identity provider and back. What the browser must remember meanwhile is kept in this tab's
 * sessionStorage; it is used up by the return, so that an answer fits one trip only. It must not navigate inside the app.
 */
import { ApiError } from "@/api/errors";
import type { ProviderAnswer } from "@/lib/arrival";
import { readTab, writeTab } from "@/lib/tab-storage";
import type { Runtime } from "./runtime";
import { keepLogin } from "./sign-in";

export type Purpose = "sign_in" | "setup";

type Trip = { purpose: Purpose; state: string; verifier: string | null; next: string };

/** What the operations that begin a sign-in take and answer. */
type Start = (request: { redirect_uri: string; binding?: string }) => Promise<{
  authorization_url: string;
  state: string;
}>;

/** The address that has to be registered with the provider. */
export function redirectUri(): string {
  return `${window.location.origin}/auth/callback`;
}

export async function leaveForSignIn(runtime: Runtime, next: string): Promise<void> {
  const start: Start = (query) => runtime.api.get("/v1/auth/oidc/start", { query });
  await leave(runtime, { purpose: "sign_in", next }, start);
}

/** Remembers the trip and leaves the page for the provider's. */
export async function leave(
  runtime: Runtime,
  { purpose, next }: { purpose: Purpose; next: string },
  start: Start,
): Promise<void> {
  const { verifier, binding } = await newBinding();
  const { authorization_url, state } = await start({
    redirect_uri: redirectUri(),
    ...(binding && { binding }),
  });
  remember(runtime, { purpose, state, verifier, next });
  window.location.assign(webAddress(authorization_url));
}

/** The trip that an answer belongs to. Without one, somebody else began it: a code in it must not be used. */
export function takeTrip(runtime: Runtime, answer: ProviderAnswer): Trip | null {
  const trip = recall(runtime);
  forget(runtime);
  const isMeant = answer.state === trip?.state || (answer.error !== null && answer.state === null);
  return isMeant ? trip : null;
}

export async function completeSignIn(runtime: Runtime, trip: Trip, code: string): Promise<void> {
  keepLogin(runtime, await runtime.api.post("/v1/auth/oidc/callback", { body: proof(trip, code) }));
}

export async function completeSetup(runtime: Runtime, trip: Trip, code: string): Promise<void> {
  await runtime.api.post("/v1/setup/owner/verify-oidc", { body: proof(trip, code) });
}

function proof({ state, verifier }: Trip, code: string) {
  return { code, state, ...(verifier && { binding: verifier }) };
}

/** A page on a plain LAN address has no SubtleCrypto; there the state alone ties the answer to this tab. */
async function newBinding(): Promise<{ verifier: string | null; binding: string | null }> {
  if (!crypto.subtle) return { verifier: null, binding: null };
  const verifier = base64url(crypto.getRandomValues(new Uint8Array(32)));
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier));
  return { verifier, binding: base64url(new Uint8Array(digest)) };
}

export function base64url(bytes: Uint8Array): string {
  const text = btoa(String.fromCharCode(...bytes));
  return text.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

/** A provider's metadata could name any scheme; only a web page is a place to go to. */
function webAddress(address: string): string {
  const { protocol } = new URL(address);
  if (protocol === "https:" || protocol === "http:") return address;
  throw new ApiError({
    status: 502,
    code: "oidc_discovery_error",
    message: `not a web address: ${protocol}`,
  });
}

const key = (runtime: Runtime) => `oore.oidc.${runtime.instance.id}`;

function remember(runtime: Runtime, trip: Trip): void {
  writeTab(key(runtime), JSON.stringify(trip));
}

function forget(runtime: Runtime): void {
  writeTab(key(runtime), null);
}

function recall(runtime: Runtime): Trip | null {
  try {
    const stored = JSON.parse(readTab(key(runtime)) ?? "null");
    return stored && typeof stored.state === "string" && typeof stored.next === "string" ? stored : null;
  } catch {
    return null;
  }
}
