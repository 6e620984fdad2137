/** Pieces of builds for several features. */
export { BuildList, BuildRow } from "./build-row";
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
