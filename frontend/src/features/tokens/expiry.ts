/** When a new token ends: the choices of the form, and what they mean in Unix seconds. */

export const EXPIRIES = ["30", "90", "365", "date", "never"] as const;
export type Expiry = (typeof EXPIRIES)[number];

const DAY_MS = 86_400_000;

export type ExpiryAnswer = { ok: true; at: number | null } | { ok: false };

/** `date` is what a date field holds (YYYY-MM-DD); the token lasts to the end of that day here. */
export function expiresAt(choice: Expiry, date: string, nowMs: number): ExpiryAnswer {
  if (choice === "never") return { ok: true, at: null };
  if (choice !== "date") return { ok: true, at: Math.floor((nowMs + Number(choice) * DAY_MS) / 1000) };
  const end = new Date(`${date}T23:59:59`).getTime();
  if (Number.isNaN(end) || end <= nowMs) return { ok: false };
  return { ok: true, at: Math.floor(end / 1000) };
}
