/** What the live line looks at beside its stream: whether the instance answers, and whether anybody sees the page. */
import type { ApiClient } from "@/api/client";
import { toApiError } from "@/api/errors";

const HEALTH_LIMIT_MS = 3_000;

/** Anything that answers counts, as the stream may be all that is refused. */
export async function isReachable(api: ApiClient, stop: AbortSignal): Promise<boolean> {
  const signal = AbortSignal.any([stop, AbortSignal.timeout(HEALTH_LIMIT_MS)]);
  try {
    await api.fetch("/v1/public/setup-status", { signal });
    return true;
  } catch (cause) {
    const { status } = toApiError(cause);
    return status > 0 && status < 500;
  }
}

export const isVisible = (): boolean => document.visibilityState !== "hidden";

/** Resolves when the page is in that state, or `signal` aborts. */
export function visibilityBecomes(state: DocumentVisibilityState, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = new AbortController();
    const check = () => {
      if (document.visibilityState !== state && !signal.aborted) return;
      done.abort();
      resolve();
    };
    document.addEventListener("visibilitychange", check, { signal: done.signal });
    signal.addEventListener("abort", check, { signal: done.signal });
    check();
  });
}
