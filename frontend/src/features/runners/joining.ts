/** How a machine joins: the address it must use, the command, and which runner it became. Pure; it asks nobody. */
import type { Runner } from "@/api/types";

export type Address = {
  url: string;
  /** `here`: works on the daemon's own machine only. `exposed`: a runner refuses it, others could read its token. */
  problem: "here" | "exposed" | null;
};

/** Runners take https, or a literal address of their own machine. */
export function addressFor(url: string): Address {
  const parsed = new URL(url);
  if (parsed.hostname === "localhost") parsed.hostname = "127.0.0.1";
  const plain = parsed.href.replace(/\/$/, "");
  if (/^(127\.\d+\.\d+\.\d+|\[::1\])$/.test(parsed.hostname)) return { url: plain, problem: "here" };
  return { url: plain, problem: parsed.protocol === "https:" ? null : "exposed" };
}

export function registerCommand(url: string, token: string): string {
  return `oore runner register --daemon-url ${url} --token ${token}`;
}

/** The runner of mine that was not there before. Older ones may come into sight when another is removed. */
export function newcomer(runners: readonly Runner[], known: ReadonlySet<string>, me: string): Runner | null {
  const before = runners.filter(({ id }) => known.has(id)).map(({ created_at }) => created_at);
  const since = Math.max(0, ...before);
  const mine = runners.filter(
    ({ id, registered_by, created_at }) => !known.has(id) && registered_by === me && created_at >= since,
  );
  return mine.toSorted((one, other) => one.created_at - other.created_at)[0] ?? null;
}
