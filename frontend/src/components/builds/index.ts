/** Pieces of builds for several features: rows, facts, starting one. The pages that show builds share all of it as one chunk. */
import "@/lib/build-queries";

export { ActiveList } from "./active-list";
export { BuildList } from "./build-row";
export {
  BuildPlace,
  BuildRef,
  BuildTimes,
  combinationText,
  subjectOf,
  TestCount,
  triggerText,
  Unreachable,
} from "./facts";
export { LastBuild } from "./last-build";
export { Progress } from "./progress";
export { RunDialog } from "./run";
