/** Words of the access settings: how people sign in, and what must be in order before others are let in. */
import { area } from "../language";

export const access = area("access", {
  title: "Access",
  name: "access settings",
  readOnly: "Only the owner changes how people reach the instance and sign in.",
  wayText: {
    local: "Nobody from elsewhere. Sign-in needs no password on the machine that runs Oore CI.",
    oidc: "People sign in with their account at Google, Okta, Entra, Keycloak or another OpenID provider.",
    trusted_proxy: "A proxy in front of Oore CI signs people in and names them in a header.",
  },
  mode: {
    title: "How people sign in",
    current: "In use",
    choose: "Switch",
    switchTo: (way: string) => `Switch to: ${way}`,
    checks: "These must be in order:",
    notReady: "Some checks are not in order yet.",
  },
  checks: {
    title: "Checks",
    name: "checks",
    again: "Check again",
    ready: "Everything is in order for access from elsewhere.",
    notReady: "Access from elsewhere cannot be turned on yet.",
    ok: "In order",
    failed: "Not in order",
    list: "Checks before others are let in",
    fixAddress: "Change my address",
  },
});
