/** Words of the sign-in page, with what to do for each error code. */
export const signIn = {
  title: "Sign in",
  to: (instance: string) => `Sign in to ${instance}`,
  checking: "Looking at the instance…",
  working: "Signing in on this machine…",
  signedOut: "You are signed out.",
  local: "This instance is in local mode: whoever sits at this machine is signed in, without a password.",
  button: "Sign in on this machine",
  email: "E-mail",
  emailHelp: "Several people have an account here. Say who you are.",
  remote: {
    oidc: "This instance signs people in through an identity provider.",
    trusted_proxy: "This instance signs people in through its proxy.",
  },
  remoteLater:
    "This page can sign people in only in local mode so far. On the instance's own machine, use the oore command.",
  failed: "Could not sign in",
  hints: {
    unreachable: "The instance did not answer. Check that the daemon runs, then try again.",
    local_login_loopback_required:
      "Local sign-in works only on the machine that runs the daemon. Open the page there, or turn on external access.",
    local_recovery_capability_required:
      "This instance is in remote mode. On its machine, create a one-time recovery link with the oore command.",
    mode_restricted: "Set-up is not finished. Finish it on the instance's own machine.",
    user_not_found: "No active account fits. Ask an owner or admin to invite you.",
    email_required: "Several people have an account here. Say who you are.",
    setup_incomplete: "Set-up is not finished. Finish it on the instance's own machine.",
  } as Record<string, string>,
};
