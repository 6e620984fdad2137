/** Words of one build's page and its views, loaded with it. What lists of builds say is in `builds`. */
export const buildPage = {
  page: {
    views: "Views of this build",
    log: "Log",
    timeline: "Timeline",
    artifacts: "Artifacts",
    config: "Configuration",
    history: "History",
    rerun: "Re-run",
    rerunDone: (number: number) => `Build #${number} queued`,
    cancel: "Cancel build",
    canceled: (number: number) => `Build #${number} canceled`,
    facts: "Facts",
    attemptNumber: (value: number) => `Attempt ${value}`,
    copySha: "Copy the full commit id",
    waitingTitle: "Waiting to start",
    waitingAt: (position: number) =>
      position === 1
        ? "Waiting to start: next in the queue"
        : `Waiting to start: number ${position} in the queue`,
    waitingRunners: "What each runner does",
    waitingReasons: {
      offline: "offline",
      missing_labels: "lacks",
      draining: "takes no new builds",
      repository_unavailable: "not asked: the repository is gone",
      paused: "not asked: building is paused",
      pipeline_full: "not asked: the pipeline runs as many builds as it may",
      disk_low: "not asked: the daemon's disk is nearly full",
      no_slot: "no slot: busy with other builds",
      ready: "idle, about to take a build",
    },
    waitingFor: "No runner has taken this build yet.",
    waitingBlocked: {
      instance_paused: "Running builds is paused on this instance.",
      repository_unavailable: "The repository of this project cannot be reached.",
    },
    sourceLink: "first build",
  },
  failure: {
    title: "Why it failed",
    inStep: (step: string) => `Step ${step} failed`,
    exit: (code: number) => `exit code ${code}`,
    lastLines: "From the log",
    toLine: (number: number) => `Show line ${number} in the log`,
    reading: "Reading the log…",
    reasons: {
      step_failed: {
        title: "A step failed",
        fix: "The lines below come from the step that failed. Fix the cause, then re-run.",
      },
      invalid_config: {
        title: "The pipeline file has an error",
        fix: "Correct the .oore.yaml at the place named above and start a new build.",
      },
      checkout_failed: {
        title: "The commit could not be checked out",
        fix: "Check that the repository is reachable and that the commit still exists.",
      },
      tool_missing: {
        title: "A tool is missing on the runner",
        fix: "Install what is named above where the runner runs, then re-run.",
      },
      no_artifacts: {
        title: "No file matched the artifact patterns",
        fix: "Compare the patterns in the configuration with the paths that the build writes.",
      },
      disk_full: { title: "The runner's disk is full", fix: "Free space on the runner, then re-run." },
      timed_out: {
        title: "The build took too long",
        fix: "Raise the time limit or find the step that hangs in the log.",
      },
      no_output: {
        title: "A step was silent for too long",
        fix: "It was stopped because it printed nothing. Look at the last lines below.",
      },
      runner_lost: {
        title: "The runner disappeared",
        fix: "It stopped answering while the build ran. Check the runner, then re-run.",
      },
      not_runnable: {
        title: "It could not be handed to a runner",
        fix: "The message above says what is missing. Put it right, then start a new build.",
      },
      upload_failed: {
        title: "An artifact could not be stored",
        fix: "Check the storage of this instance, then re-run.",
      },
      internal: {
        title: "Oore CI itself failed",
        fix: "This is not the fault of your project. Re-run; if it fails again, look at the daemon's log.",
      },
    } as Record<string, { title: string; fix: string }>,
    unknown: { title: "The build failed", fix: "Look at the last lines of the log below." },
    timedOut: {
      title: "The build timed out",
      fix: "Raise the time limit or find the step that hangs in the log.",
    },
  },
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
  history: {
    created: "Created",
    by: (actor: string) => `by ${actor}`,
    runner: (name: string) => `runner ${name}`,
    change: (from: string, to: string) => `${from} → ${to}`,
    empty: "Nothing is recorded.",
  },
};
