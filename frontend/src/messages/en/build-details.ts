/** Words of the views of a build that say where its time went and what it ran with, loaded with them. */
import { area } from "../language";

export const buildDetails = area("buildDetails", {
  config: {
    source: "Pipeline file",
    ranWith: "Ran with",
    captured: "Recorded",
    platforms: "Platforms",
    flutter: "Flutter version",
    environment: "Variables",
    patterns: "Artifact patterns",
    commands: "Commands",
    none: "None",
    fileFirst: "The file in the repository, if there is one; else the pipeline's own configuration",
    resolved: "What ran",
    own: "The pipeline's own settings",
    ownText:
      "Used only if the repository has no pipeline file. With a file, the commands are the steps in the log.",
    raw: "Everything that was recorded",
    rawLabel: "Recorded configuration as JSON",
  },
  timeline: {
    title: "Timeline",
    step: "Step",
    start: "Began after",
    duration: "Took",
    waited: "Waiting for a runner",
    longest: "longest",
    toLog: (step: string) => `Log of ${step}`,
    empty: "No step has begun.",
    emptyText: "Steps appear here as soon as a runner has begun with them.",
    state: {
      running: "Running",
      succeeded: "Passed",
      failed: "Failed",
      skipped: "Skipped",
      canceled: "Stopped",
    },
    total: "All together",
  },
  caches: {
    title: "Caches",
    name: "Cache",
    found: "Found",
    restored: "Restored",
    saved: "Saved",
    took: "Took",
    none: "None",
    outcome: {
      hit: "Hit",
      partial: "Older one",
      miss: "Nothing",
      skipped: "Not used",
    },
  },
  history: {
    title: "History",
    by: (actor: string) => `by ${actor}`,
    runner: (name: string) => `runner ${name}`,
    change: (from: string, to: string) => `${from} → ${to}`,
    empty: "Nothing is recorded.",
  },
});
