/** Words of the plan beside the pipeline form: what a build would do, where, and for how long. */
import { area } from "../language";

export const pipelinePlan = area("pipelinePlan", {
  title: "A build with these settings",
  behind: "The YAML has errors: this is the plan from before.",
  behindForm: "The settings have errors: this is the plan from before.",
  none: "There is no plan of these settings yet.",
  platforms: "Platforms",
  matrix: "One build for each combination of the matrix.",
  time: "Time",
  about: (duration: string) => `about ${duration}`,
  median: "median of the last that passed",
  timeUnknown: "Known once a few builds have passed.",
  timeOfMatrix: "Differs from combination to combination.",
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
  noRunner: "No runner is registered yet.",
  noneFits: (labels: string) => `No runner has all of it. The closest lacks ${labels}.`,
  noneTakes: "Runners fit, but none takes builds now.",
  moreRunners: (count: number) => `and ${count} more`,
});
