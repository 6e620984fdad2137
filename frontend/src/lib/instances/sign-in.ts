/** Starting and ending sessions. It must not navigate; the pages decide where to go. */
import { toApiError } from "@/api/errors";
import type { LocalLogin, LocalLoginRequest } from "@/api/types";
import type { Runtime } from "./runtime";

/** Whoever leaves a machine does not wait for a server that may never answer. */
const SIGN_OUT_LIMIT_MS = 5_000;

/** Local sign-in; on a fresh instance in local mode this creates the owner. */
export async function signInLocally(runtime: Runtime, request: LocalLoginRequest = {}): Promise<void> {
  keepLogin(runtime, await runtime.api.post("/v1/auth/local/login", { body: request }));
}

/** The proxy that this page came through says who the person is. */
export async function signInThroughProxy(runtime: Runtime): Promise<void> {
  keepLogin(runtime, await runtime.api.post("/v1/auth/trusted-proxy/login"));
}

/**
 * Ends the session on the server and in all tabs; only in the tabs where the server does not get to it: answers whether it
 * did. What the server refuses to end is still good and stays, and the refusal is thrown.
 */
export async function signOut(runtime: Runtime): Promise<boolean> {
  const refusal = await runtime.api
    .post("/v1/auth/logout", { signal: AbortSignal.timeout(SIGN_OUT_LIMIT_MS) })
    .then(() => null, toApiError);
  const isOver = !refusal || refusal.status === 401;
  if (!isOver && !refusal.transient) throw refusal;
  runtime.session.end();
  return isOver;
}

export function keepLogin(runtime: Runtime, login: LocalLogin): void {
  const userId = login.user.user_id ?? login.user.email;
  runtime.session.start({ token: login.session_token, expiresAt: login.expires_at, userId });
}
