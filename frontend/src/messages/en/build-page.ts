/** Words of one build's page and its views, loaded with it. What lists of builds say is in `builds`. */
import { area, locale } from "../language";

export const buildPage = area("buildPage", {
  page: {
    views: "Views of this build",
    summary: "Summary",
    log: "Log",
    tests: "Tests",
    testsFailed: (count: number) => `${count.toLocaleString(locale)} failed`,
    timeline: "Timeline",
    artifacts: "Artifacts",
    config: "Configuration",
    rerun: "Re-run",
    rerunWays: "Other ways to start again",
    rerunBusy: "One is being made",
    rerunFailed: (step: string) => `From the failed step: ${step}`,
    rerunInputs: "With other inputs…",
    rerunDone: (number: number) => `Build #${number} queued`,
    cancel: "Cancel build",
    more: "More actions",
    pin: "Pin: keep it whatever retention says",
    unpin: "No longer pin",
    pinned: (number: number) => `Build #${number} is pinned`,
    unpinned: (number: number) => `Build #${number} is no longer pinned`,
    pinnedBy: (who: string) => `Pinned by ${who}`,
    pinnedBySomebody: "Pinned",
    withGreen: "Compare with the last one that passed",
    noneGreen: "No earlier build of this pipeline and branch has passed.",
    tooFarBack: (count: string) =>
      `None of the newest ${count} builds of this pipeline and branch that passed is earlier.`,
    canceled: (number: number) => `Build #${number} canceled`,
    facts: "Facts",
    attemptNumber: (value: number) => `Attempt ${value}`,
    atCodeHost: "at the code host, in a new tab",
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
    untrusted: "Fork, not trusted",
  },
  summary: {
    by: (actor: string) => `by ${actor}`,
    active: "It is not over yet: what it stores and finds appears here.",
    to: { artifacts: "All artifacts", tests: "All tests" },
    passed: "passed",
    failed: "failed",
    skipped: "skipped",
  },
  related: {
    run: (at: number, count: number) => `Run ${at} of ${count}`,
    runs: "Runs",
    fromStep: (step: string) => `from ${step}`,
    notRead: "The builds around this one could not be read",
    siblings: "All builds of this matrix",
    matrix: (count: number) => `Matrix of ${count} builds`,
  },
  changes: {
    title: "Changes since the last build that passed",
    name: "changes",
    since: "Since",
    same: "The same commit as in",
    noneBefore: "No build before it passed. These are the newest commits:",
    all: (count: number) => `Show all ${count}`,
    more: "And more, which are not listed.",
  },
  failure: {
    since: "Failing since",
    ago: (count: number) =>
      count === 1 ? "1 build ago" : `${count >= 200 ? "at least " : ""}${count} builds ago`,
    first: "The first one to fail.",
    lastPassed: "Last passed:",
    nonePassed: "None before it passed.",
    compare: "Compare with the last green one",
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
      resource_limit: {
        title: "The build used too much of the runner",
        fix: "It was stopped so that the runner and other builds go on. The message above names the limit.",
      },
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
});
