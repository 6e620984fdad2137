/** Where a code host sends its events to. */
import type { ScmProvider } from "@/api/types";

export function webhookAddress(host: Exclude<ScmProvider, "local_git">, base: string): string {
  return `${base.replace(/\/+$/, "")}/v1/webhooks/${host}`;
}
