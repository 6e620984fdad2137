/** Pieces of builds for several features. */
export { BuildList, BuildRow } from "./build-row";
export { BuildPlace, BuildRef, BuildTimes, subjectOf, triggerText, Unreachable } from "./facts";
