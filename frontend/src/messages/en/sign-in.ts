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
    oidcButton: "Continue with the identity provider",
    trusted_proxy: "This instance signs people in through its proxy.",
    trusted_proxyButton: "Continue through the proxy",
  },
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
    oidc_not_configured: "The identity provider is not set up. An owner can do that in the settings.",
    oidc_discovery_error:
      "The identity provider did not answer the daemon. Check its address and the network.",
    trusted_proxy_peer_not_allowed: "Open this page through the trusted proxy, not directly.",
    trusted_proxy_identity_missing: "The proxy did not say who you are. Check its identity header.",
    too_many_pending: "Too many sign-ins are under way. Try again in a few minutes.",
  } as Record<string, string>,
};
