/** The pipeline form's value and its way to and from the wire. Lists are edited as text, one entry a line. */
import type { BuildPlatform, CreatePipelineRequest, ExecutionConfig, Pipeline } from "@/api/types";
import { scheduleLine, toSchedule } from "./schedule-line";

export const PLATFORMS: readonly BuildPlatform[] = ["android", "ios", "macos"];
export const EVENTS = ["push", "pull_request", "tag_push"] as const;
const DEFAULT_PATH = ".oore.yaml";

export type EnvRow = { id: number; key: string; value: string };
type PerPlatform = Record<BuildPlatform, string>;

export type FormValue = {
  name: string;
  source: "repository" | "here";
  configPath: string;
  enabled: boolean;
  platforms: BuildPlatform[];
  flutterVersion: string;
  preBuild: string;
  build: string;
  postBuild: string;
  args: PerPlatform;
  command: PerPlatform;
  env: EnvRow[];
  patterns: string;
  events: string[];
  branches: string;
  tags: string;
  paths: string;
  pathsIgnore: string;
  /** A line each: five fields of cron, then maybe a time zone and a branch. */
  schedule: string;
  cancelPrevious: boolean;
  maxConcurrent: string;
  runnerLabels: string;
};

/** The part of the form that a file of version 1 says too. */
export type SettingsValue = ReturnType<typeof fromConfig>;

const NONE: PerPlatform = { android: "", ios: "", macos: "" };

export const EMPTY: FormValue = {
  name: "",
  source: "repository",
  configPath: DEFAULT_PATH,
  enabled: true,
  platforms: ["android"],
  flutterVersion: "",
  preBuild: "",
  build: "",
  postBuild: "",
  args: NONE,
  command: NONE,
  env: [],
  patterns: "build/app/outputs/flutter-apk/*.apk",
  events: [],
  branches: "",
  tags: "",
  paths: "",
  pathsIgnore: "",
  schedule: "",
  cancelPrevious: false,
  maxConcurrent: "",
  runnerLabels: "",
};

export function fromPipeline(pipeline: Pipeline): FormValue {
  const { trigger_config, concurrency } = pipeline;
  return {
    name: pipeline.name,
    source: pipeline.config_path_explicit ? "repository" : "here",
    configPath: pipeline.config_path,
    enabled: pipeline.enabled,
    ...fromConfig(pipeline.execution_config),
    events: trigger_config.events ?? [],
    branches: text(trigger_config.branches),
    tags: text(trigger_config.tags),
    paths: text(trigger_config.paths),
    pathsIgnore: text(trigger_config.paths_ignore),
    schedule: text(trigger_config.schedule?.map(scheduleLine)),
    cancelPrevious: concurrency.cancel_previous ?? false,
    maxConcurrent: concurrency.max_concurrent ? String(concurrency.max_concurrent) : "",
    runnerLabels: text(pipeline.runner_labels),
  };
}

export function fromConfig(config: ExecutionConfig) {
  return {
    platforms: config.platforms ?? [],
    flutterVersion: config.flutter_version ?? "",
    preBuild: text(config.commands?.pre_build),
    build: text(config.commands?.build),
    postBuild: text(config.commands?.post_build),
    args: perPlatform((platform) => text(config.platform_build_args?.[platform])),
    command: perPlatform((platform) => config.platform_commands?.[platform] ?? ""),
    env: (config.env ?? []).map(({ key, value }, id) => ({ key, value, id })),
    patterns: text(config.artifact_patterns),
  } satisfies Partial<FormValue>;
}

/**
 * The settings that the form's boxes cannot hold, by their path: a box has one entry a line, or one line, and leaves out
 * spaces at the ends.
 */
export function beyondForm(config: ExecutionConfig): string[] {
  const { commands, platform_build_args: args, platform_commands: command } = config;
  const fits = (entry: string) => entry === entry.trim() && !/[\r\n]/.test(entry);
  const entries = (path: string, list: readonly string[] = []) =>
    list.flatMap((entry, index) => (fits(entry) ? [] : [`${path}[${index}]`]));
  return [
    ...(["pre_build", "build", "post_build"] as const).flatMap((stage) =>
      entries(`commands.${stage}`, commands?.[stage]),
    ),
    ...PLATFORMS.flatMap((platform) => entries(`platform_build_args.${platform}`, args?.[platform])),
    ...PLATFORMS.flatMap((platform) =>
      fits(command?.[platform] ?? "") ? [] : [`platform_commands.${platform}`],
    ),
    ...(config.env ?? []).flatMap(({ value }, index) =>
      /[\r\n]/.test(value) ? [`env[${index}].value`] : [],
    ),
    ...entries("artifacts.patterns", config.artifact_patterns),
  ];
}

export function toRequest(value: FormValue): CreatePipelineRequest {
  return {
    name: value.name.trim(),
    config_path: value.configPath.trim() || DEFAULT_PATH,
    config_path_explicit: value.source === "repository",
    execution_config: toExecutionConfig(value),
    trigger_config: {
      events: value.events,
      branches: lines(value.branches),
      tags: lines(value.tags),
      paths: lines(value.paths),
      paths_ignore: lines(value.pathsIgnore),
      schedule: lines(value.schedule).map(toSchedule),
    },
    concurrency: {
      cancel_previous: value.cancelPrevious,
      max_concurrent: value.maxConcurrent.trim() ? Number(value.maxConcurrent) : null,
    },
    runner_labels: lines(value.runnerLabels),
  };
}

/** The settings as the form has them, in full: what is empty is there. */
export function toExecutionConfig(value: SettingsValue): ExecutionConfig {
  return {
    platforms: value.platforms,
    flutter_version: value.flutterVersion.trim() || null,
    commands: {
      pre_build: lines(value.preBuild),
      build: lines(value.build),
      post_build: lines(value.postBuild),
    },
    platform_build_args: perPlatform((platform) => lines(value.args[platform])),
    platform_commands: perPlatform((platform) => value.command[platform].trim() || null),
    env: value.env
      .filter((row) => row.key.trim() || row.value)
      .map(({ key, value: text }) => ({ key: key.trim(), value: text })),
    artifact_patterns: lines(value.patterns),
  };
}

/** What may be kept as a draft: values of variables could be secrets in spite of the warning. */
export function withoutSecrets({ env: _, ...rest }: FormValue): Partial<FormValue> {
  return rest;
}

function perPlatform<T>(of: (platform: BuildPlatform) => T): Record<BuildPlatform, T> {
  return { android: of("android"), ios: of("ios"), macos: of("macos") };
}

function text(list: string[] | undefined): string {
  return (list ?? []).join("\n");
}

function lines(value: string): string[] {
  return value
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean);
}
