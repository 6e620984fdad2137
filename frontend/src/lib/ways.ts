/** The ways people sign in, as one choice: the wire keeps them as two settings. */
import type { InstancePreferences } from "@/api/types";

export const WAYS = ["local", "oidc", "trusted_proxy"] as const;
export type Way = (typeof WAYS)[number];

export type Stored = Pick<InstancePreferences, "runtime_mode" | "remote_auth_mode">;

export const wayOf = (stored: Stored): Way =>
  stored.runtime_mode === "local" ? "local" : stored.remote_auth_mode;

/** What to store for a way; "local" keeps the method for later, so that its settings stay the checked ones. */
export function storedFor(way: Way, stored: Stored): Stored {
  return way === "local"
    ? { runtime_mode: "local", remote_auth_mode: stored.remote_auth_mode }
    : { runtime_mode: "remote", remote_auth_mode: way };
}
