/** Reads the loose capabilities object of a runner. Older runners send less; unknown things are left out. */
import type { Runner } from "@/api/types";

export type RunnerFacts = {
  system: string | null;
  version: string | null;
  protocol: number | null;
  kind: "embedded" | "external";
  cpus: number | null;
  /** Bytes. */
  memory: number | null;
  disk: { free: number; total: number } | null;
  /** Versions of every installed Xcode. */
  xcodes: string[];
  /** Newest first. */
  android: { platforms: string[]; buildTools: string[] } | null;
  /** Version by tool; null where the runner looked and found none. Empty if it did not say. */
  tools: Record<string, string | null>;
};

export function factsOf(runner: Runner): RunnerFacts {
  const said = runner.capabilities as Record<string, unknown>;
  const { os, os_version, arch, version, protocol_version, tools } = said;
  const system = [os, os_version, arch].filter((part) => typeof part === "string" && part !== "").join(" ");
  const { figures } = runner;
  return {
    system: system || null,
    version: typeof version === "string" ? version : null,
    protocol: numberOf(protocol_version),
    kind: runner.embedded ? "embedded" : "external",
    cpus: numberOf(said.cpu_count),
    memory: numberOf(said.memory_bytes),
    disk: figures ? { free: figures.disk_free_bytes, total: figures.disk_total_bytes } : null,
    xcodes: listOf(objectOf(said.xcode)?.installed).flatMap((xcode) => textOf(objectOf(xcode)?.version)),
    android: androidOf(objectOf(said.android)),
    tools: withoutForeign(toolsOf(tools), os),
  };
}

/** What a runner can build with, in a few words. */
export function summaryOf(facts: RunnerFacts): string[] {
  const { fvm, flutter } = facts.tools;
  const xcode = facts.xcodes.at(-1);
  return [
    fvm ? `FVM ${fvm}` : flutter && `Flutter ${flutter}`,
    facts.android?.platforms[0] && `Android ${facts.android.platforms[0].replace("android-", "")}`,
    xcode && `Xcode ${xcode}`,
  ].filter((part): part is string => Boolean(part));
}

export function isOnline(runner: Runner): boolean {
  return runner.status !== "offline";
}

/** Does any online runner have the tool? "unknown" when none of them says. */
export function toolState(runners: readonly Runner[], tool: string): "present" | "missing" | "unknown" {
  const told = runners.filter(isOnline).map((runner) => factsOf(runner).tools[tool]);
  if (told.some((version) => typeof version === "string")) return "present";
  return told.some((version) => version === null) ? "missing" : "unknown";
}

/** Apple's tools cannot be missing where they cannot be. */
function withoutForeign(tools: RunnerFacts["tools"], os: unknown): RunnerFacts["tools"] {
  if (isMacOs(os)) return tools;
  const { xcodebuild, pod, ...others } = tools;
  return {
    ...others,
    ...(typeof xcodebuild === "string" && { xcodebuild }),
    ...(typeof pod === "string" && { pod }),
  };
}

export function isMacOs(os: unknown): boolean {
  return typeof os === "string" && /mac|darwin/i.test(os);
}

function toolsOf(value: unknown): Record<string, string | null> {
  const known = Object.entries(objectOf(value) ?? {}).filter(
    (entry): entry is [string, string | null] => typeof entry[1] === "string" || entry[1] === null,
  );
  return Object.fromEntries(known);
}

function androidOf(said: Record<string, unknown> | null): RunnerFacts["android"] {
  if (typeof said?.sdk !== "string") return null;
  const texts = (value: unknown) => listOf(value).flatMap(textOf);
  return { platforms: texts(said.platforms), buildTools: texts(said.build_tools) };
}

function numberOf(value: unknown): number | null {
  return typeof value === "number" ? value : null;
}

function textOf(value: unknown): string[] {
  return typeof value === "string" ? [value] : [];
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function objectOf(value: unknown): Record<string, unknown> | null {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : null;
}
