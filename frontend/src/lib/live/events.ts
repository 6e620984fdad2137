/** The events of GET /v1/events, as the daemon sends them. It must stay in step with the daemon's document. */
import type { BuildStatus, RunnerStatus } from "@/api/types";

export type LiveEvents = {
  hello: { instance_id: string; version: string };
  resync: Record<string, never>;
  build: {
    build_id: string;
    project_id: string;
    pipeline_id: string;
    status: BuildStatus;
    build_number: number;
  };
  project: { project_id: string };
  pipeline: { pipeline_id: string; project_id: string };
  runner: { runner_id: string; status: RunnerStatus };
  preferences: Record<string, never>;
  artifact: { artifact_id: string; build_id: string; project_id: string };
  log: { build_id: string; sequence: number };
  deliveries: Record<string, never>;
  sources: Record<string, never>;
  notifications: Record<string, never>;
};

export type LiveName = keyof LiveEvents;
export type LiveEvent = { [N in LiveName]: { name: N; data: LiveEvents[N] } }[LiveName];

const NAMES: ReadonlySet<string> = new Set<LiveName>([
  "hello",
  "resync",
  "build",
  "project",
  "pipeline",
  "runner",
  "preferences",
  "artifact",
  "log",
  "deliveries",
  "sources",
  "notifications",
]);

/** Unknown names and broken data are dropped: a newer daemon may say more than this page knows. */
export function toLiveEvent(name: string, data: string): LiveEvent | null {
  if (!NAMES.has(name)) return null;
  try {
    return { name, data: JSON.parse(data || "{}") } as LiveEvent;
  } catch {
    return null;
  }
}
