/** Catalogues of pages that nobody sees first; apart from `t`, so that the first page does not carry their words. */
export { access } from "./en/access";
export { account } from "./en/account";
export { audit } from "./en/audit";
export { members } from "./en/members";
export { people } from "./en/people";
export { roles } from "./en/roles";
export { sessions } from "./en/sessions";
export { settings } from "./en/settings";
export { tokens } from "./en/tokens";
