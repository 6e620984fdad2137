/** Where a token stands, in one word. */
import type { ApiToken } from "@/api/types";

export type TokenStatus = "active" | "expired" | "revoked";

export function statusOf(token: Pick<ApiToken, "is_expired" | "is_revoked">): TokenStatus {
  if (token.is_revoked) return "revoked";
  return token.is_expired ? "expired" : "active";
}
