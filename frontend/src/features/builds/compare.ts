/** What is different between two builds: steps and recorded configuration. Pure; it must not format or fetch. */
import type { Build, StepResult } from "@/api/types";

export interface StepPair {
  readonly name: string;
  readonly before: StepResult | undefined;
  readonly after: StepResult | undefined;
  /** Whether it ended differently, or was in one of them only. */
  readonly differs: boolean;
}

/** The steps of both in the order of the later build; what only the earlier one had comes after its predecessor. */
export function pairSteps(before: readonly StepResult[], after: readonly StepResult[]): StepPair[] {
  const names = after.map(({ name }) => name);
  before.forEach(({ name }, index) => {
    if (names.includes(name)) return;
    const previous = before[index - 1]?.name;
    names.splice(previous === undefined ? 0 : names.indexOf(previous) + 1, 0, name);
  });
  return names.map((name) => {
    const [one, other] = [before, after].map((steps) => steps.find((step) => step.name === name));
    return { name, before: one, after: other, differs: one?.status !== other?.status };
  });
}

export interface ConfigChange {
  readonly path: string;
  /** As JSON; nothing if it is not there. */
  readonly before: string | undefined;
  readonly after: string | undefined;
}

/** When a configuration was recorded is no difference between two. */
const MOMENTS = new Set(["captured_at"]);

export function changesOf(before: Build["config_snapshot"], after: Build["config_snapshot"]): ConfigChange[] {
  const [one, other] = [before, after].map((value) => new Map(leaves(value, "")));
  const paths = new Set([...(one?.keys() ?? []), ...(other?.keys() ?? [])]);
  return [...paths]
    .filter((path) => !MOMENTS.has(path) && one?.get(path) !== other?.get(path))
    .toSorted()
    .map((path) => ({ path, before: one?.get(path), after: other?.get(path) }));
}

/** Lists are compared as a whole: an entry more would make all that follow look changed. */
function leaves(value: unknown, path: string): [string, string][] {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    return [[path, JSON.stringify(value)]];
  return Object.entries(value).flatMap(([key, inner]) => leaves(inner, path ? `${path}.${key}` : key));
}
