/** The rules of retention as they are typed, and as numbers. It must not know what they mean. */

/** Each a number, or nothing: the rule does not apply. */
export type Rules = { days: string; builds: string; size: string; ttl: string };

export const NO_RULES: Rules = { days: "", builds: "", size: "", ttl: "" };

type Wire = {
  max_age_days?: number | null;
  max_builds_per_project?: number | null;
  max_artifact_size_bytes?: number | null;
  artifact_ttl_days?: number | null;
};

const GIGABYTE = 1_000_000_000;

export function typedRules(wire: Wire): Rules {
  return {
    days: String(wire.max_age_days ?? ""),
    builds: String(wire.max_builds_per_project ?? ""),
    size: gigabytes(wire.max_artifact_size_bytes),
    ttl: String(wire.artifact_ttl_days ?? ""),
  };
}

export function rulesOf(rules: Rules) {
  return {
    max_age_days: numberOf(rules.days),
    max_builds_per_project: numberOf(rules.builds),
    max_artifact_size_bytes: numberOf(rules.size, GIGABYTE),
    artifact_ttl_days: numberOf(rules.ttl),
  };
}

export function gigabytes(bytes: number | null | undefined): string {
  return typeof bytes === "number" ? String(bytes / GIGABYTE) : "";
}

/** Nothing typed is no number; so is what `isWrong`. `unit`: parts of one are fine. */
export function numberOf(text: string, unit?: typeof GIGABYTE): number | null {
  const value = Number(text.trim().replace(",", "."));
  if (text.trim() === "" || isWrong(text, unit)) return null;
  return unit ? Math.round(value * unit) : value;
}

export function isWrong(text: string, unit?: number): boolean {
  if (text.trim() === "") return false;
  const value = Number(text.trim().replace(",", "."));
  const isFine = unit ? Number.isFinite(value) : Number.isSafeInteger(value);
  return !isFine || value <= 0;
}

export const IN_GIGABYTES = GIGABYTE;
