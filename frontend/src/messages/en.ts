/**
 * The English catalogue: one file an area, one name each, so that the bundler can leave an area to the pages that use it.
 * It must hold words only, no markup.
 */
import { common } from "./en/common";

export { builds } from "./en/builds";
export { home } from "./en/home";
export { logs } from "./en/logs";
export { paused } from "./en/paused";
export { pipelines } from "./en/pipelines";
export { projects } from "./en/projects";
export { runners } from "./en/runners";
export { shell } from "./en/shell";

export const { product, action, form, state, time, pager } = common;
