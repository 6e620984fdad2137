/**
 * What settings and account pages share; apart from `t`, so that the first page does not carry their words. A page of
 * theirs takes its own words from its file in en/, for the same reason.
 */
export { account } from "./en/account";
export { roles } from "./en/roles";
export { settings } from "./en/settings";
