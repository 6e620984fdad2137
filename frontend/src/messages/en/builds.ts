/** Words of builds that any page may carry: lists, states, triggers. Those of a build's own page are in `build-page`. */
import { area, locale } from "../language";

export const builds = area("builds", {
  title: "Builds",
  one: "Build",
  name: "builds",
  nameOne: "build",
  number: (value: number) => `#${value}`,
  noSubject: "No commit message",
  noBuilds: "No builds yet",
  progress: {
    label: "Progress",
    left: (time: string) => `about ${time} left`,
    slower: (time: string) => `${time} longer than usual`,
  },
  status: {
    queued: "Queued",
    scheduled: "Scheduled",
    assigned: "Starting",
    running: "Running",
    succeeded: "Passed",
    failed: "Failed",
    canceled: "Canceled",
    timed_out: "Timed out",
    expired: "Expired",
  },
  trigger: {
    manual: "Manual",
    api: "API",
    webhook: "Webhook",
    schedule: "Schedule",
  },
  triggeredBy: (kind: string, actor: string) => `${kind} by ${actor}`,
  events: { push: "Push", pull_request: "Pull request", tag_push: "Tag", rerun: "Re-run" } as Record<
    string,
    string
  >,
  tests: (count: number) => (count === 1 ? "1 test" : `${count.toLocaleString(locale)} tests`),
  testsFailed: (count: number) =>
    count === 1 ? "1 test failed" : `${count.toLocaleString(locale)} tests failed`,
  waited: "waited",
  ran: "ran",
  waiting: "waiting",
  unreachable: "Unreachable",
  running: "running",
  list: {
    pipeline: "Pipeline",
    select: (name: string) => `Select ${name}`,
  },
  row: {
    canceled: (number: string) => `Build ${number} canceled`,
    queued: (number: string) => `Build ${number} queued`,
  },
});
