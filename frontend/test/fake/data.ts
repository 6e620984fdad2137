/** Builders of wire objects with sensible defaults, for tests only. */
import type {
  Build,
  DayFigures,
  Insights,
  Pipeline,
  PipelinePlan,
  Project,
  ProjectHealth,
  Runner,
  StartApp,
  User,
} from "@/api/types";
import { isActive } from "@/components/ui";

export const NOW = Math.floor(Date.now() / 1000);

export const ALL_CAPABILITIES = [
  "projects.read",
  "projects.write",
  "projects.delete",
  "pipelines.read",
  "pipelines.write",
  "pipelines.delete",
  "builds.read",
  "builds.write",
  "builds.cancel",
  "runners.read",
  "runners.write",
  "runners.delete",
  "integrations.read",
  "integrations.write",
  "integrations.delete",
];

export const PROJECT_CAPABILITIES: Project["capabilities"] = [
  "read",
  "write",
  "delete",
  "manage_members",
  "manage_pipelines",
  "trigger_build",
  "cancel_build",
  "read_artifacts",
  "write_artifacts",
  "delete_artifacts",
];

export function aUser(patch: Partial<User> = {}): User {
  return {
    id: "u1",
    email: "owner@local",
    role: "owner",
    status: "active",
    created_at: NOW,
    updated_at: NOW,
    capabilities: [],
    assignable_roles: [],
    ...patch,
  };
}

export function aProject(patch: Partial<Project> = {}): Project {
  return {
    id: "p1",
    name: "Shop app",
    settings: {},
    fork_builds: "blocked",
    repository_full_name: "demo/shop",
    repository_provider: "local_git",
    default_branch: "main",
    polling: "auto",
    created_by: "u1",
    created_at: NOW - 86_400,
    updated_at: NOW - 600,
    current_user_role: "maintainer",
    report_statuses: true,
    report_comment: true,
    public_badge: false,
    capabilities: PROJECT_CAPABILITIES,
    ...patch,
  };
}

export function aPipeline(patch: Partial<Pipeline> = {}): Pipeline {
  return {
    id: "l1",
    project_id: "p1",
    name: "Android release",
    config_path: ".oore.yaml",
    config_path_explicit: true,
    execution_config: {
      platforms: ["android"],
      flutter_version: null,
      commands: { pre_build: [], build: ["flutter build apk"], post_build: [] },
      platform_build_args: { android: [], ios: [], macos: [] },
      platform_commands: { android: null, ios: null, macos: null },
      env: [{ key: "FLAVOR", value: "demo" }],
      artifact_patterns: ["build/app/outputs/flutter-apk/*.apk"],
    },
    trigger_config: { events: [], branches: [], tags: [], paths: [], paths_ignore: [], schedule: [] },
    concurrency: { cancel_previous: false, max_concurrent: null },
    runner_labels: [],
    enabled: true,
    created_at: NOW - 86_400,
    updated_at: NOW - 3600,
    ...patch,
  };
}

export function aBuild(patch: Partial<Build> = {}): Build {
  return {
    id: "b1",
    project_id: "p1",
    pipeline_id: "l1",
    build_number: 7,
    status: "succeeded",
    trigger_type: "manual",
    trigger_actor: "owner@local",
    branch: "main",
    commit_sha: "4f2a9c1d5e6b7a8c9d0e1f2a3b4c5d6e7f8a9b0c",
    commit_subject: "Fix checkout crash on small screens",
    commit_author: "Ana",
    attempt: 1,
    pinned: false,
    platforms: ["android"],
    requirements: [],
    config_snapshot: {},
    context: { project_name: "Shop app", pipeline_name: "Android release" },
    queued_at: NOW - 300,
    started_at: NOW - 298,
    finished_at: NOW - 180,
    created_at: NOW - 300,
    updated_at: NOW - 180,
    wait_ms: 2000,
    run_ms: 118_000,
    ...patch,
  };
}

export function aRunner(patch: Partial<Runner> = {}): Runner {
  return {
    id: "r1",
    name: "this-machine",
    status: "online",
    capabilities: {
      os: "linux",
      os_version: "12",
      arch: "x86_64",
      version: "0.2.0",
      protocol_version: 5,
      cpu_count: 8,
      memory_bytes: 17_179_869_184,
      tools: { git: "2.47.3", fvm: null, flutter: null, dart: null, java: "17.0.2", xcodebuild: null },
    },
    labels: [],
    detected_labels: ["arch:x86_64", "os:linux", "tool:git", "tool:java"],
    figures: { disk_free_bytes: 64_000_000_000, disk_total_bytes: 512_000_000_000 },
    slots: 1,
    busy_slots: 0,
    embedded: true,
    excluded_by_mode: false,
    last_heartbeat_at: NOW - 5,
    created_at: NOW - 86_400,
    updated_at: NOW - 5,
    ...patch,
  };
}

/** How a project goes by these builds, whatever their branch. */
export function healthOf({ id, default_branch }: Project, builds: readonly Build[]): ProjectHealth {
  const ended = builds.filter(({ status }) => !isActive(status));
  return {
    project_id: id,
    default_branch,
    builds: ended.map(({ id, build_number, status, run_ms }) => ({ id, build_number, status, run_ms })),
    success_rate: ended.length > 0 ? 75 : undefined,
    run: ended.length > 0 ? { p50_ms: 118_000, p95_ms: 118_000 } : {},
  };
}

export function aPlan(patch: Partial<PipelinePlan> = {}): PipelinePlan {
  return {
    platforms: ["android"],
    steps: [
      { name: "checkout" },
      { name: "flutter" },
      { name: "build-1", command: "flutter build apk" },
      { name: "artifacts" },
    ],
    requirements: [],
    builds: 1,
    runners: [{ id: "r1", name: "this-machine", status: "online", missing: [] }],
    ...patch,
  };
}

/** Figures of so many builds, all of them in one of seven days. */
export function insightsOf(builds: number, patch: Partial<Insights> = {}): Insights {
  const failed = Math.floor(builds / 5);
  const figures = {
    succeeded: builds - failed,
    failed,
    canceled: 0,
    success_rate: 80,
    run: { p50_ms: 125_000, p95_ms: 300_000 },
    wait: { p50_ms: 4_000, p95_ms: 61_000 },
  };
  const none = { succeeded: 0, failed: 0, canceled: 0, run: {}, wait: {} };
  const day = (at: number): DayFigures => ({
    day: NOW - (6 - at) * 86_400,
    figures: at === 3 && builds > 0 ? figures : none,
  });
  return {
    from: NOW - 7 * 86_400,
    to: NOW,
    builds,
    truncated: false,
    total: builds > 0 ? figures : none,
    recovery: { times: 2, time: { p50_ms: 600_000, p95_ms: 900_000 } },
    days: Array.from({ length: 7 }, (_, at) => day(at)),
    pipelines: [
      {
        project_id: "p1",
        project_name: "Shop app",
        pipeline_id: "l1",
        pipeline_name: "Android release",
        figures,
      },
    ],
    steps: [
      {
        pipeline_id: "l1",
        pipeline_name: "Android release",
        name: "flutter test",
        runs: builds,
        failed: 2,
        flaky: 1,
        time: { p50_ms: 30_000, p95_ms: 45_000 },
      },
      {
        pipeline_id: "l1",
        pipeline_name: "Android release",
        name: "flutter build apk",
        runs: builds,
        failed: 0,
        flaky: 0,
        time: { p50_ms: 90_000, p95_ms: 200_000 },
      },
    ],
    failures: [{ reason: "step_failed", builds: failed }],
    runners: [
      {
        runner_id: "r1",
        runner_name: "this-machine",
        builds,
        busy_ms: 7_200_000,
        utilisation: 12.5,
        days: [0, 0, 0, 5_400_000, 0, 1_800_000, 0],
      },
    ],
    sizes: [
      {
        pipeline_id: "l1",
        pipeline_name: "Android release",
        name: "app-release.apk",
        days: [null, 12_000_000, null, 12_500_000, null, null, 13_000_000],
      },
    ],
    ...patch,
  };
}

export function anApp(patch: Partial<StartApp> = {}): StartApp {
  return {
    path: "/home/ana/dev/shop",
    name: "shop",
    roots: [{ path: "", name: "shop", is_app: true }],
    used_at: NOW - 3_600,
    ...patch,
  };
}
