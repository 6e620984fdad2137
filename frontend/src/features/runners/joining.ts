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

/** The runner of mine that was not there before. */
export function newcomer(runners: readonly Runner[], known: ReadonlySet<string>, me: string): Runner | null {
  const mine = runners.filter((runner) => !known.has(runner.id) && runner.registered_by === me);
  return mine.toSorted((one, other) => one.created_at - other.created_at)[0] ?? null;
}
