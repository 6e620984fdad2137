/** The search parameters of the page of one source. Defaults are left out of the URL. */
import { offsetOf, textOf } from "@/lib/search";

export const PAGE_SIZE = 20;

export type SourceSearch = { q?: string; offset?: number; installed?: true };

/** The daemon adds `installed=true` after GitHub and `gitlab=success` after GitLab: the source has just been connected. */
export function parseSourceSearch(search: Record<string, unknown>): SourceSearch {
  const q = textOf(search.q);
  const isNew = textOf(search.installed) === "true" || search.gitlab === "success";
  return { ...(q && { q }), ...offsetOf(search), ...(isNew && { installed: true as const }) };
}
