/**
 * Whether this build of the UI is served by a web host of its own (`make ui-hosted`) instead of by a daemon. Then the page's
 * origin is no instance and must never be asked for anything.
 */
export const isHosted = (): boolean => process.env.OORE_HOSTED === "1";
