/**
 * What a build of settings does, and what a runner needs for it, as the server and its runners decide it (src/pipeline/plan.rs,
 * src/domain/label.rs). It only foretells: nothing may be allowed or refused by it.
 */
import type { BuildPlatform, ExecutionConfig } from "@/api/types";

export type PlannedStep = {
  /** As in the log. */
  name: string;
  /** Absent of what every build does by itself. */
  command?: string;
  condition?: string;
};

export type Plan = {
  platforms: readonly BuildPlatform[];
  steps: PlannedStep[];
  /** What its pipeline's labels are not asked for: those that follow from what it does. */
  labels: string[];
  /** Whether there is a build for each combination of a matrix. */
  hasMatrix: boolean;
};

/** What a file of version 2 says of its steps. */
export type Outline = {
  platforms: BuildPlatform[];
  steps: { name: string; run: string; condition?: string }[];
  hasCaches: boolean;
  hasMatrix: boolean;
  hasArtifacts: boolean;
};

const OWN_BUILD: Record<BuildPlatform, string> = {
  android: "flutter build apk --release",
  ios: "flutter build ios --release --no-codesign",
  macos: "flutter build macos --release",
};
const PROTOCOL_OF_TWO = "protocol:5";

/** Of settings that are kept here: their build commands run before the platforms' own. */
export function planOf(config: ExecutionConfig): Plan {
  const { platforms, commands } = config;
  const build = [...commands.build, ...platforms.map((platform) => platformCommand(config, platform))];
  const before =
    commands.pre_build.length === 0 && platforms.length > 0 ? ["flutter pub get"] : commands.pre_build;
  const steps = [
    ...named("pre_build", before),
    ...named("build", build),
    ...named("post_build", commands.post_build),
  ];
  return {
    platforms,
    steps: framed(steps, { hasArtifacts: config.artifact_patterns.length > 0 }),
    labels: labelsOf(platforms),
    hasMatrix: false,
  };
}

export function planOfOutline({ platforms, steps, hasMatrix, ...frame }: Outline): Plan {
  const planned = steps.map(({ name, run, condition }) => ({ name, command: run, condition }));
  // Which platforms one build of a matrix has is not known here.
  const labels = [PROTOCOL_OF_TWO, ...(hasMatrix ? [] : labelsOf(platforms))];
  return { platforms, steps: framed(planned, frame), labels, hasMatrix };
}

function platformCommand(config: ExecutionConfig, platform: BuildPlatform): string {
  const own = config.platform_commands[platform];
  return own ?? [OWN_BUILD[platform], ...config.platform_build_args[platform]].join(" ");
}

function named(stage: string, commands: readonly string[]): PlannedStep[] {
  return commands.map((command, index) => ({ name: `${stage}-${index + 1}`, command }));
}

/** With what comes before and after the steps of every build. */
function framed(steps: PlannedStep[], has: { hasCaches?: boolean; hasArtifacts: boolean }): PlannedStep[] {
  const needsFlutter = steps.some(({ command = "" }) => mentionsFlutter(command));
  const own = (name: string, is: boolean | undefined) => (is ? [{ name }] : []);
  return [
    { name: "checkout" },
    ...own("restore caches", has.hasCaches),
    ...own("flutter", needsFlutter),
    ...steps,
    ...own("artifacts", has.hasArtifacts),
    ...own("save caches", has.hasCaches),
  ];
}

function mentionsFlutter(command: string): boolean {
  return command.split(/[^\p{L}\p{N}_./-]+/u).some((word) => word === "flutter" || word === "dart");
}

function labelsOf(platforms: readonly BuildPlatform[]): string[] {
  return platforms.some((platform) => platform !== "android") ? ["os:macos"] : [];
}

/** The middle one, the lower of two. */
export function medianOf(values: readonly number[]): number | undefined {
  return values.toSorted((one, other) => one - other)[Math.ceil(values.length / 2) - 1];
}
