/** What a catalogue says: its texts, and of those that are made of parts the parts that never change. For tests only. */
const PART = "\u2042";
/** Shorter ones are found in anything. */
const IS_TELLING = /\p{L}{2,}[^\p{L}]+\p{L}{2,}/u;

export function saidBy(value: unknown): string[] {
  if (typeof value === "string") return /\p{L}{2,}/u.test(value) ? [value.trim()] : [];
  if (typeof value === "function") return saidBy(partsOf(value as (...parts: unknown[]) => unknown));
  if (typeof value !== "object" || value === null) return [];
  return Object.values(value).flatMap(saidBy);
}

function partsOf(make: (...parts: unknown[]) => unknown): string[] {
  const counts = [1, 2].map((count) =>
    String(make(...Array(make.length).fill(count))).replaceAll(String(count), PART),
  );
  const names = String(make(...Array(make.length).fill(PART)));
  return [...counts, names].flatMap((text) => text.split(PART)).filter((part) => IS_TELLING.test(part));
}
