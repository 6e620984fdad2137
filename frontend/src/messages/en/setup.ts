/**
 * Words of the set-up. The page imports this file straight, so that the words travel with it; it must not be put into the
 * catalogue of the first chunk.
 */
import { area } from "../language";
import type { Explanation } from "./refusals";

export const setup = area("setup", {
  title: "Set up",
  heading: (instance: string) => `Set up ${instance}`,
  checking: "Looking at the instance…",
  instance: "the instance",
  progress: "Steps of the set-up",
  step: (number: number, count: number, title: string) => `Step ${number} of ${count}: ${title}`,
  done: "done",
  todo: "to do",
  now: "now",
  change: "Change",
  keep: "Leave it as it is",
  continue: "Continue",
  failed: "This step failed",
  configure: "Provider or proxy",
  quick: {
    title: "Only you, only this machine",
    text: "Nothing to enter: whoever sits at this machine is signed in, nobody else gets in. Other people and an identity provider can be added later in the settings.",
    button: "Use on this machine only",
    or: "For a team, go through the steps below.",
  },
  unlock: {
    title: "Unlock",
    text: "A one-time token proves that you may set this instance up. Make one on the machine that runs the daemon:",
    command: "oore setup token",
    token: "Set-up token",
    tokenHelp:
      "It works once and for 15 minutes. If the daemon has another data folder than usual, add --data-dir.",
    button: "Unlock",
    working: "Checking the token…",
    done: "Unlocked in this window.",
  },
  method: {
    title: "How people sign in",
    local: {
      title: "On this machine only",
      text: "No passwords. Whoever sits at the machine is signed in; nobody reaches the instance from elsewhere.",
    },
    oidc: {
      title: "Identity provider",
      text: "People sign in with their company account at Google, Okta, Entra, Auth0, Keycloak or another OpenID Connect provider.",
    },
    trusted_proxy: {
      title: "Access proxy",
      text: "A proxy in front of the instance, such as Warpgate, has signed people in already and says in a header who they are.",
    },
    missing: "Choose one.",
    address: "Public address",
    addressHelp:
      "Where people will reach the instance: https and a host, without a path. It can be entered later in the settings.",
  },
  oidc: {
    title: "Identity provider",
    redirect: "Register this with the provider as redirect URI, exactly as it stands here:",
    issuer: "Issuer URL",
    issuerHelp: "The instance asks it at once whether it is an identity provider.",
    presets: "What the issuer URL looks like",
    providers: [
      { name: "Google", issuer: "https://accounts.google.com" },
      { name: "Okta", issuer: "https://your-company.okta.com" },
      { name: "Microsoft Entra ID", issuer: "https://login.microsoftonline.com/your-tenant-id/v2.0" },
      { name: "Auth0", issuer: "https://your-tenant.eu.auth0.com/" },
      { name: "Keycloak", issuer: "https://id.example.com/realms/your-realm" },
    ],
    clientId: "Client ID",
    secret: "Client secret",
    secretHelp: "Kept encrypted and never shown again. Leave it empty for a public client.",
    secretStored: "A secret is stored. Leave this empty to keep it.",
    clearSecret: "Remove the stored secret",
    button: "Check and save",
    asking: "Asking the provider…",
    found: (issuer: string) => `${issuer} answered as an identity provider.`,
  },
  proxy: {
    title: "Access proxy",
    header: "Header with the e-mail address",
    headerHelp:
      "The proxy must set it itself and drop it when a visitor sends it. Warpgate sends X-Warpgate-Username.",
    cidrs: "Addresses of the proxy",
    cidrsHelp:
      "One range or address a line, such as 10.0.4.0/24. A proxy on this machine needs none if it sends the secret.",
    secret: "Shared secret",
    secretHelp: "The proxy sends it in X-Oore-Trusted-Proxy-Secret. Kept encrypted and never shown again.",
    generate: "Generate",
    generated: "Give this to the proxy now; it is not shown again after saving.",
    owner: "E-mail address of the owner",
    ownerHelp:
      "Only this person can become the owner. Left empty, it is whoever comes through the proxy first.",
    needed: "Enter the proxy's addresses, a shared secret, or both: otherwise no request could be trusted.",
    button: "Save",
    saved: "The proxy's settings are saved.",
  },
  owner: {
    title: "Owner",
    local: "The owner may do everything, and is who the history names. No mail is sent.",
    email: "Your e-mail address",
    button: "Make me the owner",
    oidc: "Sign in with the provider. Whoever does so now becomes the owner and may do everything.",
    oidcButton: "Sign in as the owner",
    leaving: "Going to the identity provider…",
    redirect: "The provider sends you back to:",
    proxy:
      "Open this page through the proxy, so that it can tell the instance who you are. Whom it names becomes the owner.",
    proxyAddress: "Address that people use, through the proxy",
    proxyAddressHelp: "Only to show you the link; it is not saved.",
    proxyLink: "Open this link. There, unlock with a new token; the set-up goes on here, at this step.",
    proxyButton: "Become the owner",
  },
  finish: {
    title: "Finish",
    text: "Check what was decided. From now on it can be changed in the settings only.",
    how: "How people sign in",
    issuer: "Issuer",
    clientId: "Client ID",
    address: "Public address",
    noAddress: "No public address is set",
    noAddressText:
      "Links in the instance and the way back from an identity provider lead to this machine only. Enter the address under Settings → Access as soon as there is one.",
    owner: "Owner",
    button: "Finish the set-up",
    working: "Finishing…",
  },
  errors: {
    invalid_token: {
      cause: "This is not the token that was made last.",
      next: "Copy it again, or make a new one with “oore setup token”.",
    },
    token_consumed: {
      cause: "The token has been used already. It works once.",
      next: "Make a new one with “oore setup token”.",
    },
    token_expired: {
      cause: "The token is older than it may be.",
      next: "Make a new one with “oore setup token”.",
    },
    no_bootstrap_token: {
      cause: "No token was made yet.",
      next: "Run “oore setup token” on the machine that runs the daemon.",
    },
    too_many_attempts: {
      cause: "Too many wrong tokens were tried.",
      next: "Make a new one with “oore setup token”; that resets the count.",
    },
    missing_auth: { cause: "The set-up is locked in this window.", next: "Unlock it with a new token." },
    no_session: { cause: "No set-up is open.", next: "Unlock it with a new token." },
    invalid_session: {
      cause: "The set-up was opened in another window since.",
      next: "Go on there, or unlock it here with a new token. What was done is kept.",
    },
    session_expired: {
      cause: "Nothing was done for half an hour, so the set-up was locked.",
      next: "Unlock it with a new token. What was done is kept.",
    },
    invalid_state: {
      cause: "The set-up has moved on meanwhile, perhaps in another window.",
      next: "This page now shows how far it is.",
    },
    already_configured: { cause: "This instance is set up already.", next: "Sign in." },
    mode_restricted: {
      cause: "This does not fit the chosen way to sign in.",
      next: "Choose the way again above.",
    },
    oidc_discovery_failed: {
      cause: "No identity provider answered at this address.",
      next: "Enter the issuer exactly as the provider states it, and check that the instance's machine reaches it.",
      reason: "shown",
    },
    oidc_secret_reentry_required: {
      cause: "The stored secret belongs to another provider or client.",
      next: "Enter the client secret again, or remove the stored one.",
    },
    stale_oidc_setup: {
      cause: "The provider's settings have changed since this sign-in was begun.",
      next: "Go back to the set-up and sign in again.",
    },
    trusted_proxy_not_configured: {
      cause: "The proxy is not configured yet.",
      next: "Enter its settings first.",
    },
    trusted_proxy_owner_email_mismatch: {
      cause: "The proxy names somebody else than the owner who was entered.",
      next: "Let that person open this page, or change the owner's address above.",
    },
    trusted_proxy_config_invalid: {
      cause: "No request could come from the proxy: it has neither addresses nor a secret.",
      next: "Enter one of them above.",
    },
    remote_auth_not_configured: {
      cause: "No identity provider is configured.",
      next: "Enter it first.",
    },
    unverified_email: {
      cause: "The provider does not vouch for your e-mail address.",
      next: "Verify the address with the provider, then sign in as the owner again.",
    },
    external_access_https_required: {
      cause: "The public address must begin with https://.",
      next: "Put a proxy with a certificate in front of the instance, or leave the address empty for now.",
    },
    encryption_error: {
      cause: "The instance could not encrypt the secret.",
      next: "Check its encryption key, then look into the daemon's log for the request below.",
    },
  } as Record<string, Explanation>,
});
