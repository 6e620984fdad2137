/** Reads the details of an audit entry: what changed from what to what, and what else is worth knowing. */
import { audit as words } from "@/messages/en/audit";

export type Change = { field: string; before: string; after: string };
export type Details = { changes: Change[]; facts: { name: string; value: string }[] };

const NOTHING: Details = { changes: [], facts: [] };

export function detailsOf(text: string | null | undefined): Details {
  const value = parsed(text);
  if (!value) return NOTHING;
  const { before, after, from, to, ...rest } = value;
  const facts = Object.entries(rest).map(([name, item]) => ({ name: spoken(name), value: shown(item) }));
  if (isRecord(before) && isRecord(after)) return { changes: differences(before, after), facts };
  if ("from" in value && "to" in value) {
    return { changes: [{ field: "", before: shown(from), after: shown(to) }], facts };
  }
  const others = Object.entries({ before, after, from, to }).filter(([, item]) => item !== undefined);
  return { changes: [], facts: [...facts, ...others.map(([name, item]) => ({ name, value: shown(item) }))] };
}

/** What it was done to, or what was asked for, if the entry names it. */
export function objectName(text: string | null | undefined): string | null {
  const value = parsed(text);
  const names = [value?.email, value?.user_email, value?.name, value?.path];
  const name = names.find((item) => typeof item === "string");
  return typeof name === "string" && name !== "" ? name : null;
}

function differences(before: Record<string, unknown>, after: Record<string, unknown>): Change[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return names
    .map((name) => ({ field: spoken(name), before: shown(before[name]), after: shown(after[name]) }))
    .filter((change) => change.before !== change.after);
}

function parsed(text: string | null | undefined): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text ?? "null");
    return isRecord(value) ? value : null;
  } catch {
    return null;
  }
}

/** "default_branch" reads as "default branch". */
export const spoken = (name: string): string => name.replaceAll("_", " ");

function shown(value: unknown): string {
  if (value === null || value === undefined || value === "") return words.none;
  if (value === true) return words.yes;
  if (value === false) return words.no;
  if (Array.isArray(value)) return value.length === 0 ? words.none : value.map(shown).join(", ");
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
