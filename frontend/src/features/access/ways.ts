/** The ways people sign in, as one choice: the wire keeps them as two settings. */
import type { InstancePreferences } from "@/api/types";

export const WAYS = ["local", "oidc", "trusted_proxy"] as const;
export type Way = (typeof WAYS)[number];

type Stored = Pick<InstancePreferences, "runtime_mode" | "remote_auth_mode">;

export const wayOf = (stored: Stored): Way =>
  stored.runtime_mode === "local" ? "local" : stored.remote_auth_mode;

/** What to store for a way; "local" keeps the method for later, so that its settings stay the checked ones. */
export function storedFor(way: Way, stored: Stored): Stored {
  return way === "local"
    ? { runtime_mode: "local", remote_auth_mode: stored.remote_auth_mode }
    : { runtime_mode: "remote", remote_auth_mode: way };
}

/** Checks that are about one method. The server makes them for the stored method only. */
const OF_A_METHOD = ["oidc_configured", "trusted_proxy_configured", "redirect_policy_consistent"];

/** Whether the result of a check means something for a switch to `way`. */
export const concerns = (check: string, way: Way, stored: Stored): boolean =>
  way === stored.remote_auth_mode || !OF_A_METHOD.includes(check);
