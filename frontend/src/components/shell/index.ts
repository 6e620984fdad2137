/** The shell's parts for routes and pages. */
export { Mark } from "./mark";
export { NotFound } from "./not-found";
export { type Crumb, Page } from "./page";
export { RouteError } from "./route-error";
export { Shell } from "./shell";
