/** Small readers for search parameters: wrong values fall back to the default, which is left out of the URL. */

export function offsetOf(search: Record<string, unknown>): { offset?: number } {
  const offset = Number(search.offset);
  return Number.isSafeInteger(offset) && offset > 0 ? { offset } : {};
}

export function textOf(value: unknown): string | undefined {
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  return typeof value === "string" && value !== "" ? value : undefined;
}

export function oneOf<T extends string>(value: unknown, allowed: readonly T[]): T | undefined {
  return allowed.find((item) => item === value);
}

/** For routes whose page reads the search by itself: what is in the URL, as it is. */
export function anySearch(search: Record<string, unknown>): Record<string, unknown> {
  return search;
}
