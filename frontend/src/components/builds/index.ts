/** Pieces of builds for several features. */
export { BuildList } from "./build-row";
export {
  BuildPlace,
  BuildTimes,
  combinationText,
  platformName,
  subjectOf,
  TestCount,
  triggerText,
  Unreachable,
} from "./facts";
