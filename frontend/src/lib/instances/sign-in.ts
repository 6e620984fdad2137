/** Starting and ending sessions. It must not navigate; the pages decide where to go. */
import { toApiError } from "@/api/errors";
import type { LocalLogin, LocalLoginRequest } from "@/api/types";
import type { Runtime } from "./runtime";

/** Local sign-in; on a fresh instance in local mode this creates the owner. */
export async function signInLocally(runtime: Runtime, request: LocalLoginRequest = {}): Promise<void> {
  keepLogin(runtime, await runtime.api.post("/v1/auth/local/login", { body: request }));
}

/** The proxy that this page came through says who the person is. */
export async function signInThroughProxy(runtime: Runtime): Promise<void> {
  keepLogin(runtime, await runtime.api.post("/v1/auth/trusted-proxy/login"));
}

/** Ends the session on the server if it answers, and in any case in all tabs. */
export async function signOut(runtime: Runtime): Promise<void> {
  try {
    await runtime.api.post("/v1/auth/logout");
  } catch (cause) {
    // A session that the server cannot end now still ends here; it expires there by itself.
    if (!toApiError(cause).transient && toApiError(cause).status !== 401) throw cause;
  }
  runtime.session.end();
}

export function keepLogin(runtime: Runtime, login: LocalLogin): void {
  const userId = login.user.user_id ?? login.user.email;
  runtime.session.start({ token: login.session_token, expiresAt: login.expires_at, userId });
}
