/**
 * Cause and next action of everything that signing in and setting up can be refused with. Fetched when a page that may need
 * it is on screen already; it must not be imported by a page straight.
 */
import { area } from "../language";

/** Why something was refused, and what the person can do now. `reason` where the server's own sentence says more. */
export type Explanation = { cause: string; next: string; reason?: "shown" };

export const refusals = area("refusals", {
  invite: (email: string) => `Ask an owner to invite ${email}.`,
  seenPeer: (address: string) => `The instance saw the address ${address}.`,
  errors: {
    unreachable: {
      cause: "The instance did not answer.",
      next: "Check that the daemon runs and that this machine reaches it, then try again.",
    },
    user_not_found: {
      cause: "No active account belongs to this identity.",
      next: "Ask an owner or admin of this instance to invite you with the e-mail address you sign in with.",
    },
    unverified_email: {
      cause: "The identity provider does not vouch for your e-mail address.",
      next: "Confirm the address with the provider, then sign in again.",
    },
    email_required: {
      cause: "Several people have an account here.",
      next: "Enter the e-mail address of your account.",
    },
    local_login_loopback_required: {
      cause: "Signing in without a password works only on the machine that runs the daemon.",
      next: "Open the page there under http://localhost, not through a proxy or tunnel. To reach it from other machines, an owner turns on external access.",
    },
    local_login_from_build: {
      cause: "The request came from a build. A build may not sign in as a person.",
      next: "Sign in with a browser that was not started by a build step. A script takes an API token instead.",
    },
    local_recovery_capability_invalid: {
      cause: "The recovery link is unknown, was used already, or is older than five minutes.",
      next: "Make a new one on the instance's machine with “oore recovery” and open it at once.",
    },
    local_recovery_account_mismatch: {
      cause: "The recovery link was made for another account.",
      next: "Use it without an e-mail address, or make one for your account with “oore recovery”.",
    },
    local_recovery_capability_required: {
      cause: "On this instance nobody signs in locally without a recovery link.",
      next: "Make one on the instance's machine with “oore recovery”.",
    },
    mode_restricted: {
      cause: "This instance does not sign people in this way.",
      next: "Reload the page: it then shows the way that is in use now.",
    },
    setup_incomplete: {
      cause: "The instance is not set up yet.",
      next: "Finish the set-up first.",
    },
    invalid_state: {
      cause: "This sign-in is not known here: it was completed already, or was begun in another browser.",
      next: "Start again from this page.",
    },
    auth_expired: {
      cause: "The sign-in took longer than ten minutes.",
      next: "Start again from this page.",
    },
    too_many_pending: {
      cause: "Too many people are signing in at this moment.",
      next: "Wait a minute, then start again.",
    },
    oidc_start_rate_limited: {
      cause: "Too many sign-ins were begun from your address.",
      next: "Finish one of them, or wait ten minutes and start again.",
    },
    invalid_redirect_uri: {
      cause: "The instance does not send people back to the address of this page.",
      next: "Open the instance under its own address, or let an owner add this page's origin to the allowed ones.",
    },
    oidc_not_configured: {
      cause: "No identity provider is configured, although people should sign in through one.",
      next: "An owner signs in on the instance's machine and enters the provider in the access settings.",
    },
    oidc_discovery_error: {
      cause: "The instance could not ask the identity provider.",
      next: "Check that the provider runs, that the instance's machine reaches it, and that the issuer which the instance has is right.",
      reason: "shown",
    },
    token_exchange_error: {
      cause: "The identity provider refused to exchange the code for tokens.",
      next: "Check the client ID and secret that the instance has, and that its redirect URI is registered with the provider.",
      reason: "shown",
    },
    missing_id_token: {
      cause: "The identity provider sent no ID token.",
      next: "Allow the scope openid for this client, and the authorization code flow.",
    },
    id_token_verification_error: {
      cause: "The identity provider's answer could not be verified.",
      next: "Check that issuer and client ID are those of the provider, and that the machine's clock is right.",
      reason: "shown",
    },
    missing_email: {
      cause: "The identity provider did not say which e-mail address you have.",
      next: "Let it put the claim email into the ID token of this client (scope email).",
    },
    decryption_error: {
      cause: "The instance could not read its stored secret.",
      next: "Its encryption key has changed or is missing. Restore the key file, or let an owner enter the secret again.",
    },
    session_error: {
      cause: "The instance could not make a session.",
      next: "Try again. If it goes on, look into the daemon's log for the request below.",
    },
    store_error: {
      cause: "The instance could not read or write its database.",
      next: "Check the free space of its disk, then look into the daemon's log for the request below.",
    },
    audit_error: {
      cause: "The instance could not write its audit log, and lets nobody in unrecorded.",
      next: "Check the free space of its disk, then look into the daemon's log for the request below.",
    },
    trusted_proxy_peer_not_allowed: {
      cause: "The request did not come from an address that the instance takes for its proxy.",
      next: "Open the page through the proxy. If you did, add the proxy's address to the trusted ranges.",
    },
    trusted_proxy_shared_secret_missing: {
      cause: "The request came without the proxy's secret.",
      next: "Open the page through the proxy. If you did, let the proxy send the header X-Oore-Trusted-Proxy-Secret.",
    },
    trusted_proxy_shared_secret_invalid: {
      cause: "The proxy sent a wrong secret.",
      next: "Give the proxy the same secret that the instance has, in the header X-Oore-Trusted-Proxy-Secret.",
    },
    trusted_proxy_identity_missing: {
      cause: "The proxy did not say who you are.",
      next: "Let the proxy send the signed-in person's e-mail address in the header that the instance expects.",
    },
    trusted_proxy_identity_invalid: {
      cause: "What the proxy sent as your name is not one e-mail address.",
      next: "Let the proxy send exactly one e-mail address, once, in the header that the instance expects.",
    },
    trusted_proxy_config_invalid: {
      cause: "No usable proxy is configured, although people should sign in through one.",
      next: "An owner signs in on the instance's machine and sets a shared secret or the proxy's addresses.",
    },
    missing_auth: { cause: "The request carried no session.", next: "Sign in." },
    invalid_session: {
      cause: "The session is not valid: it was ended, or the instance does not know it.",
      next: "Sign in again.",
    },
    session_expired: { cause: "The session has expired.", next: "Sign in again." },
    too_many_attempts: {
      cause: "Too many attempts from your address failed.",
      next: "Wait some minutes, then try again.",
    },
    origin_not_allowed: {
      cause: "The instance takes no requests from the address of this page.",
      next: "Open the instance under its own address, or let an owner add this page's origin to the allowed ones. A proxy has to pass the Host header on.",
    },
    misdirected_host: {
      cause: "The instance does not answer to the host name of this address.",
      next: "Set OORE_PUBLIC_URL to the address people use, or add the name to OORED_ALLOWED_HOSTS.",
    },
    invalid_request: {
      cause: "The instance did not understand the request.",
      next: "Reload the page. A proxy in between must not change what is sent.",
    },
    invalid_input: {
      cause: "The instance did not accept what was sent.",
      next: "Reload the page and start again.",
    },
    payload_too_large: {
      cause: "What was sent is too long.",
      next: "Shorten it, or start again from this page.",
    },
    rate_limited: { cause: "Too many attempts were made.", next: "Wait a minute, then try again." },
  } as Record<string, Explanation>,
  /** What providers answer by themselves (RFC 6749 and OpenID Connect). */
  provider: {
    access_denied: {
      cause: "The identity provider did not let you in, or you declined.",
      next: "Start again. If it goes on, ask whoever runs the provider to assign this application to you.",
    },
    login_required: { cause: "The identity provider wants you to sign in first.", next: "Start again." },
    interaction_required: {
      cause: "The identity provider wants you to do something first.",
      next: "Start again and follow its pages.",
    },
    consent_required: {
      cause: "The identity provider wants your consent, or an administrator's.",
      next: "Start again and agree, or ask whoever runs the provider.",
    },
    temporarily_unavailable: {
      cause: "The identity provider is busy.",
      next: "Wait a minute, then start again.",
    },
    server_error: { cause: "The identity provider failed.", next: "Wait a minute, then start again." },
    unauthorized_client: {
      cause: "The identity provider does not let this application sign people in.",
      next: "Check that the client exists there and may use the authorization code flow.",
    },
    invalid_scope: {
      cause: "The identity provider refused what the instance asks for.",
      next: "Allow the scopes openid, email and profile for this client.",
    },
    unsupported_response_type: {
      cause: "The identity provider does not allow the authorization code flow.",
      next: "Turn it on for this client.",
    },
    invalid_request: {
      cause: "The identity provider did not understand the request.",
      next: "Check that client ID and redirect URI are registered with it exactly.",
    },
  } as Record<string, Explanation>,
  providerUnknown: {
    cause: "The identity provider ended the sign-in.",
    next: "Start again. If it goes on, look into the provider's log.",
  },
});
