/** Why an action on an account is unavailable now. Only what the account itself shows; the rest the server refuses. */
import type { User } from "@/api/types";
import { people as words } from "@/messages/en/people";

export type PersonAction = "role" | "disable" | "enable";

/** `refused` holds the server's reasons by account, learnt from refusals on this page. */
export function unavailable(
  action: PersonAction,
  user: Pick<User, "id" | "role">,
  me: string | undefined,
  refused: ReadonlyMap<string, string>,
): string | null {
  if (user.role === "owner") return words.reasons.owner[action === "role" ? "role" : "status"];
  if (action === "disable" && user.id === me) return words.reasons.self;
  return refused.get(user.id) ?? null;
}
