/** What routes use of the log viewer. */
export { FailureExcerpt } from "./excerpt";
export { LogView } from "./log-view";
export { parsePlace, placeHash } from "./place";
export { useBuildLog } from "./use-build-log";
