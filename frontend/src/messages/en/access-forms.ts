/** Words of the forms of the access settings: addresses, identity provider, access proxy. */
import { area } from "../language";

export const accessForms = area("accessForms", {
  saved: (what: string) => `${what}: saved`,
  oidc: {
    title: "Identity provider",
    none: "No identity provider is configured yet.",
    issuer: "Issuer",
    issuerHelp: "The provider's address, as it names itself, such as https://accounts.example.com.",
    clientId: "Client id",
    secret: "Client secret",
    redirects: "Redirect addresses",
    redirectsText: "Register these with the provider:",
    test: "Test connection",
    inOrder: "In order",
    testOk: (issuer: string) => `The provider answers as ${issuer}`,
    testFailed: "The provider could not be used",
    authorization: "Sign-in",
    token: "Token",
    keys: "Keys",
    scopes: "Scopes",
    save: "Save provider",
    note: "Saving asks the provider at once. Sign-ins under way have to be started again.",
    configured: "Configured",
  },
  proxy: {
    title: "Access proxy",
    header: "Header with the person's e-mail",
    headerHelp: "The proxy must set it on every request, and remove it from what clients send.",
    cidrs: "Addresses of the proxy",
    cidrsHelp: "One range or address a line, such as 10.0.0.0/8. Only these may name people.",
    secret: "Shared secret",
    secretHelp: "The proxy sends it in X-Oore-Trusted-Proxy-Secret.",
    save: "Save proxy",
    badLine: (line: number, text: string) => `Line ${line}: ${text}`,
  },
  network: {
    title: "Addresses",
    url: "Public address",
    urlHelp: "The https address that people use, such as https://ci.example.com.",
    delivery: "Download address",
    deliveryHelp: "Where artifacts are downloaded from, if not from the public address.",
    origins: "Allowed origins",
    originsHelp:
      "One a line: exact origins of web pages that may call the API, such as https://ci.example.com.",
    notOrigin: (text: string) =>
      `“${text}” is not an exact origin. Write it as https://ci.example.com, without a path.`,
    suggestion: (origin: string) => `Write it as ${origin}.`,
    notUrl: "Enter an address that begins with https:// or http://.",
    save: "Save addresses",
    source: {
      database: "Set here",
      environment: "Set at start of the daemon; saving here overrules that",
      default: "Not set",
    },
    ownMissing: (origin: string) => `You use this page at ${origin}, which is not among the allowed origins.`,
  },
});
