/**
 * Turns events into cache changes: known rows are patched, everything derived is marked stale and refetched if on screen.
 * It must not fetch by itself nor invent data that an event does not carry.
 */
import type { Build, BuildDetail } from "@/api/types";
import type { Runtime } from "@/lib/instances/runtime";
import type { LiveEvent, LiveEvents } from "./events";

const COALESCE_MS = 250;

export function applyEvent(runtime: Runtime, event: LiveEvent): void {
  if (event.name === "resync") refetchAll(runtime);
  if (event.name === "build") buildChanged(runtime, event.data);
  if (event.name === "project") {
    const { project_id } = event.data;
    stale(
      runtime,
      ["home"],
      ["projects"],
      ["project-health"],
      ["project", project_id],
      ["variables", project_id],
    );
  }
  if (event.name === "pipeline") {
    stale(
      runtime,
      ["home"],
      ["pipelines", event.data.project_id],
      ["pipeline", event.data.pipeline_id],
      ["project", event.data.project_id],
      ["variables", event.data.project_id],
    );
  }
  if (event.name === "runner") {
    stale(runtime, ["home"], ["runners"], ["runner", event.data.runner_id], ...queuedDetails(runtime));
  }
  if (event.name === "deliveries") stale(runtime, ["deliveries"]);
  if (event.name === "sources") stale(runtime, ["home"], ["sources"]);
  if (event.name === "notifications") stale(runtime, ["notifications"]);
  if (event.name === "preferences")
    stale(runtime, ["home"], ["preferences"], ["builds"], ...queuedDetails(runtime));
  if (event.name === "artifact")
    stale(runtime, ["artifacts", event.data.build_id], ["artifacts", event.data.project_id], ["releases"]);
}

/** After a gap nothing is certain: mark all as stale; what is on screen is fetched again. */
export function refetchAll(runtime: Runtime): void {
  void runtime.queryClient.invalidateQueries({ queryKey: runtime.key() });
}

function buildChanged(runtime: Runtime, data: LiveEvents["build"]): void {
  const { queryClient } = runtime;
  const patch = (build: Build): Build =>
    build.id === data.build_id ? { ...build, status: data.status } : build;
  queryClient.setQueryData<BuildDetail>(
    runtime.key("build", data.build_id),
    (old) => old && { ...old, build: patch(old.build) },
  );
  queryClient.setQueriesData<unknown>({ queryKey: runtime.key("builds") }, (old: unknown) =>
    patchPages(old, patch),
  );
  // What a runner has to do changes with the builds; which runner it is the event does not say.
  const lists = ["builds", "home", "insights", "project-health", "releases", "runners", "runner"].map(
    (noun) => [noun],
  );
  const about = [["build", data.build_id], ["tests", data.build_id], ...lists];
  stale(runtime, ...about, ...queuedDetails(runtime));
}

/** Builds that wait: what they wait for depends on runners and on other builds. */
function queuedDetails(runtime: Runtime): string[][] {
  const details = runtime.queryClient.getQueriesData<BuildDetail>({ queryKey: runtime.key("build") });
  return details.flatMap(([, detail]) =>
    detail?.build.status === "queued" ? [["build", detail.build.id]] : [],
  );
}

/** Build lists are kept as one page or as the pages of an infinite query. */
function patchPages(old: unknown, patch: (build: Build) => Build): unknown {
  if (typeof old !== "object" || old === null) return old;
  if ("builds" in old && Array.isArray(old.builds)) return { ...old, builds: old.builds.map(patch) };
  if ("pages" in old && Array.isArray(old.pages))
    return { ...old, pages: old.pages.map((page) => patchPages(page, patch)) };
  return old;
}

const waiting = new WeakMap<Runtime, Map<string, readonly unknown[]>>();

/** A burst of events causes one refetch of each query, not one per event. */
function stale(runtime: Runtime, ...keys: readonly unknown[][]): void {
  let pending = waiting.get(runtime);
  if (!pending) {
    pending = new Map();
    waiting.set(runtime, pending);
  }
  if (pending.size === 0) setTimeout(() => flush(runtime), COALESCE_MS);
  for (const key of keys) pending.set(JSON.stringify(key), key);
}

function flush(runtime: Runtime): void {
  const pending = waiting.get(runtime);
  waiting.delete(runtime);
  for (const key of pending?.values() ?? [])
    void runtime.queryClient.invalidateQueries({ queryKey: runtime.key(...key) });
}
