/** Words of builds, logs and artifacts. */
export const builds = {
  title: "Builds",
  one: "Build",
  number: (value: number) => `#${value}`,
  noSubject: "No commit message",
  noBuilds: "No builds yet",
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
};
