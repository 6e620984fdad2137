/** The search parameters of the list of sources. Defaults are left out of the URL. */
import type { ScmProvider } from "@/api/types";
import { offsetOf, oneOf, textOf } from "@/lib/search";

export const PROVIDERS = ["github", "gitlab", "local_git"] as const satisfies readonly ScmProvider[];
export const PAGE_SIZE = 20;

export type SourcesSearch = { q?: string; provider?: ScmProvider; offset?: number; github?: "success" };

/** `github=success` is what the daemon adds when somebody comes back from GitHub without our cookie. */
export function parseSourcesSearch(search: Record<string, unknown>): SourcesSearch {
  const q = textOf(search.q);
  const provider = oneOf(search.provider, PROVIDERS);
  return {
    ...(q && { q }),
    ...(provider && { provider }),
    ...offsetOf(search),
    ...(search.github === "success" && { github: "success" as const }),
  };
}
