/** Turns an error of signing in or setting up into cause and next action. It must not render. */
import type { ApiError } from "@/api/errors";
import type { ProviderAnswer } from "@/lib/arrival";
import { type Explanation, refusals } from "@/messages/en/refusals";

/** `email` is the address the person named, if they did; `words` go before the common ones. */
export type Context = { email?: string; words?: Record<string, Explanation> };

export function explain(error: ApiError, { email, words = {} }: Context = {}): Explanation {
  const known = words[error.code] ?? refusals.errors[error.code];
  if (!known) return { cause: error.message, next: error.hint ?? "" };
  const who = textFact(error, "email") ?? email;
  if (error.code === "user_not_found" && who) return { ...known, next: refusals.invite(who) };
  const peer = textFact(error, "peer");
  return peer ? { ...known, cause: `${known.cause} ${refusals.seenPeer(peer)}` } : known;
}

/** What the provider said instead of sending a code. Its own description is shown beside it, as text. */
export function explainProvider({ error }: ProviderAnswer): Explanation {
  return refusals.provider[error ?? ""] ?? refusals.providerUnknown;
}

function textFact(error: ApiError, name: string): string | null {
  const value = error.facts[name];
  return typeof value === "string" && value !== "" ? value : null;
}
