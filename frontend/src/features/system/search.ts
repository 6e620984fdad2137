/** The search parameters of the page about the daemon: whether its messages are open, and which of them. */
import { oneOf, textOf } from "@/lib/search";

export const LEVELS = ["warn", "error"] as const;

export type SystemSearch = {
  messages?: "open";
  /** The least that a message must matter; left out for all. */
  level?: (typeof LEVELS)[number];
  q?: string;
};

export type MessagesProps = {
  search: SystemSearch;
  onSearch: (search: SystemSearch, history: "push" | "replace") => void;
};

export function parseSystemSearch(search: Record<string, unknown>): SystemSearch {
  const level = oneOf(search.level, LEVELS);
  const q = textOf(search.q);
  const isOpen = search.messages === "open" || level || q;
  return { ...(isOpen ? { messages: "open" } : {}), ...(level ? { level } : {}), ...(q ? { q } : {}) };
}
