/**
 * Looks whether an instance can be used from this page: who answers at an address, or why nobody does. It sends no token, and
 * must not be called for an address that nobody agreed to.
 */
import type { SetupStatus } from "@/api/types";
import { isLoopbackAddress } from "@/lib/loopback";

export type Finding =
  | { kind: "ready" | "not_set_up"; daemonId: string }
  | { kind: "not_oore" | "refuses_page" | "signs_in_first" | "unreachable" | "slow" | "browser_blocks" };

const LIMIT_MS = 3_000;
/** While the browser asks the person whether the page may reach the local network, the request waits for them. */
const ASKING_LIMIT_MS = 60_000;

export async function probe(url: string, signal?: AbortSignal): Promise<Finding> {
  const permission = await localNetworkPermission(url);
  const limit = AbortSignal.timeout(permission === "prompt" ? ASKING_LIMIT_MS : LIMIT_MS);
  const attempt = signal ? AbortSignal.any([limit, signal]) : limit;
  try {
    return await whoAnswers(await ask(url, "cors", attempt));
  } catch (cause) {
    signal?.throwIfAborted();
    if (permission === "denied") return { kind: "browser_blocks" };
    if (limit.aborted) return { kind: "slow" };
    if (!(cause instanceof TypeError)) throw cause;
    return { kind: (await answersAtAll(url, attempt)) ? "refuses_page" : "unreachable" };
  }
}

function ask(url: string, mode: "cors" | "no-cors", signal: AbortSignal): Promise<Response> {
  return fetch(`${url}/v1/public/setup-status`, {
    mode,
    // Behind an access proxy its cookie opens the way; the instance itself wants none.
    credentials: "include",
    cache: "no-store",
    redirect: mode === "cors" ? "manual" : "follow",
    signal,
  });
}

async function whoAnswers(response: Response): Promise<Finding> {
  // Somebody in front of the instance sends people to a sign-in of its own.
  if (response.type === "opaqueredirect" || response.status === 401) return { kind: "signs_in_first" };
  const status: Partial<SetupStatus> | null = response.ok ? await response.json().catch(() => null) : null;
  if (typeof status?.instance_id !== "string" || typeof status.is_configured !== "boolean")
    return { kind: "not_oore" };
  return { kind: status.is_configured ? "ready" : "not_set_up", daemonId: status.instance_id };
}

/** A browser does not tell a refusal from silence; but what may not be read can still be sent. */
async function answersAtAll(url: string, signal: AbortSignal): Promise<boolean> {
  return ask(url, "no-cors", signal).then(
    () => true,
    () => false,
  );
}

const PERMISSIONS = ["local-network-access", "loopback-network", "local-network"];

/** What the browser lets pages do on this machine and its network; null where it has no say in it, or has other words. */
async function localNetworkPermission(url: string): Promise<PermissionState | null> {
  if (!isPrivate(url) || isPrivate(window.location.origin) || !navigator.permissions) return null;
  const known = await Promise.all(
    PERMISSIONS.map((name) =>
      navigator.permissions.query({ name: name as PermissionName }).then(
        ({ state }) => state,
        () => null,
      ),
    ),
  );
  return known.find((state) => state === "denied") ?? known.find((state) => state === "prompt") ?? null;
}

/** Whether an address names this machine or one of a private network; names that only a resolver knows count as public. */
function isPrivate(url: string): boolean {
  const { hostname } = new URL(url);
  if (isLoopbackAddress(url) || hostname.endsWith(".local")) return true;
  return /^(10\.|192\.168\.|169\.254\.|172\.(1[6-9]|2\d|3[01])\.|\[f[cd]|\[fe[89ab])/.test(hostname);
}
