/** Words of the plan beside the pipeline form: what a build would do, where, and for how long. */
import { area } from "../language";

export const pipelinePlan = area("pipelinePlan", {
  title: "A build with these settings",
  behind: "The YAML has errors: this is the plan from before.",
  platforms: "Platforms",
  matrix: "One build for each combination of the matrix.",
  time: "Time",
  about: (duration: string) => `about ${duration}`,
  median: (count: number) =>
    count === 1 ? "the last build that passed" : `median of the last ${count} that passed`,
  timeUnknown: "Known once a build has passed.",
  steps: "Steps",
  /** What every build does by itself. */
  own: {
    checkout: "Fetches the commit.",
    "restore caches": "Takes what earlier builds kept.",
    flutter: "Gets Flutter ready.",
    artifacts: "Keeps the files that match.",
    "save caches": "Keeps them for later builds.",
  } as Record<string, string>,
  condition: (text: string) => `if ${text}`,
  moreSteps: (count: number) => (count === 1 ? "One more step" : `${count} more steps`),
  runners: "Runners now",
  needs: "Needs",
  looking: "Looking for runners…",
  noRunner: "No runner is registered yet.",
  noneFits: (labels: string) => `No runner has all of it. The closest lacks ${labels}.`,
  noneTakes: "Runners fit, but none takes builds now.",
  excluded: "kept out by the runner mode",
  lookedAt: (count: number) => `Only the newest ${count} runners were looked at.`,
  moreRunners: (count: number) => `and ${count} more`,
});
