/** Reads the loose capabilities object of a runner. Older runners send less; unknown things are left out. */
import type { Runner } from "@/api/types";

export type RunnerFacts = {
  system: string | null;
  version: string | null;
  protocol: number | null;
  kind: "embedded" | "external";
  /** Version by tool; null where the runner looked and found none. Empty if it did not say. */
  tools: Record<string, string | null>;
};

export function factsOf(runner: Runner): RunnerFacts {
  const { os, os_version, arch, version, protocol_version, embedded, tools } = runner.capabilities as Record<
    string,
    unknown
  >;
  const system = [os, os_version, arch].filter((part) => typeof part === "string" && part !== "").join(" ");
  return {
    system: system || null,
    version: typeof version === "string" ? version : null,
    protocol: typeof protocol_version === "number" ? protocol_version : null,
    kind: embedded === true ? "embedded" : "external",
    tools: withoutForeign(toolsOf(tools), os),
  };
}

export function isOnline(runner: Runner): boolean {
  return runner.status === "online" || runner.status === "busy";
}

/** Does any online runner have the tool? "unknown" when none of them says. */
export function toolState(runners: readonly Runner[], tool: string): "present" | "missing" | "unknown" {
  const told = runners.filter(isOnline).map((runner) => factsOf(runner).tools[tool]);
  if (told.some((version) => typeof version === "string")) return "present";
  return told.some((version) => version === null) ? "missing" : "unknown";
}

/** Xcode cannot be missing where it cannot be. */
function withoutForeign(tools: RunnerFacts["tools"], os: unknown): RunnerFacts["tools"] {
  const { xcodebuild, ...others } = tools;
  return xcodebuild === undefined || (xcodebuild === null && !isMacOs(os)) ? others : tools;
}

export function isMacOs(os: unknown): boolean {
  return typeof os === "string" && /mac|darwin/i.test(os);
}

function toolsOf(value: unknown): Record<string, string | null> {
  if (typeof value !== "object" || value === null) return {};
  const known = Object.entries(value).filter(
    ([, version]) => typeof version === "string" || version === null,
  );
  return Object.fromEntries(known);
}
