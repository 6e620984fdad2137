/**
 * A certified OpenID provider on a loopback port, for journeys and benches: `node serve.mjs <settings as JSON>`. Prints its
 * issuer, then serves until its input is closed. Strict as the library is by default (exact redirect URIs, PKCE needed);
 * only the sign-in and consent pages are ours. Must not know anything of Oore.
 *
 * settings: `clientId`, `clientSecret`, `redirectUris`, `people` (login name → claims, `sub` among them), and their
 * `password`.
 */

import { generateKeyPairSync, randomBytes } from "node:crypto";
import { createServer } from "node:http";
import Provider from "oidc-provider";

const settings = JSON.parse(process.argv[2]);

/** Accounts of the provider are found by login name; what it calls them to clients is their `sub`. */
const person = (sub) => Object.values(settings.people).find((claims) => claims.sub === sub);

const signingKey = {
  ...generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey.export({ format: "jwk" }),
  kid: "one",
  use: "sig",
  alg: "RS256",
};

function configuration() {
  return {
    clients: [
      {
        client_id: settings.clientId,
        client_secret: settings.clientSecret,
        redirect_uris: settings.redirectUris,
        grant_types: ["authorization_code"],
        response_types: ["code"],
      },
    ],
    claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name", "picture"] },
    // As with Google, Okta, Entra, Auth0 and Keycloak the ID token itself says the address.
    conformIdTokenClaims: false,
    cookies: { keys: [randomBytes(32).toString("hex")] },
    features: { devInteractions: { enabled: false } },
    findAccount: (_, sub) =>
      person(sub) && { accountId: sub, claims: (_use, _scope) => Promise.resolve(person(sub)) },
    interactions: { url: (_, { uid }) => `/interaction/${uid}` },
    jwks: { keys: [signingKey] },
    pkce: { required: () => true },
    ttl: { AccessToken: 60, AuthorizationCode: 60, Grant: 600, IdToken: 600, Interaction: 600, Session: 600 },
  };
}

const page = (title, fields, button) => `<!doctype html>
<html lang="en"><meta charset="utf-8"><link rel="icon" href="data:,"><title>${title}</title>
<main><h1>${title}</h1><form method="post">${fields}<button>${button}</button></form></main></html>`;

const signInPage = (problem) =>
  page(
    "Sign in to the provider",
    `<p role="alert">${problem}</p><label>Login <input name="login"></label>
    <label>Password <input name="password" type="password"></label>`,
    "Sign in",
  );

async function formOf(request) {
  let text = "";
  for await (const part of request) text += part;
  return new URLSearchParams(text);
}

async function consented(provider, { prompt, params, session }) {
  const grant = new provider.Grant({ accountId: session.accountId, clientId: params.client_id });
  grant.addOIDCScope(prompt.details.missingOIDCScope.join(" "));
  return { consent: { grantId: await grant.save() } };
}

async function interact(provider, request, response) {
  const interaction = await provider.interactionDetails(request, response);
  const asksForLogin = interaction.prompt.name === "login";
  const show = (html) => response.setHeader("content-type", "text/html").end(html);
  if (request.method === "GET")
    return show(asksForLogin ? signInPage("") : page("Allow access", "", "Allow"));
  const form = await formOf(request);
  if (!asksForLogin) {
    return provider.interactionFinished(request, response, await consented(provider, interaction), {
      mergeWithLastSubmission: true,
    });
  }
  const claims = settings.people[form.get("login")];
  if (!claims || form.get("password") !== settings.password)
    return show(signInPage("Login or password is wrong"));
  return provider.interactionFinished(request, response, { login: { accountId: claims.sub } });
}

const server = createServer();
server.listen(0, "127.0.0.1", () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, configuration());
  const serve = provider.callback();
  server.on("request", (request, response) => {
    if (!request.url.startsWith("/interaction/")) return serve(request, response);
    return interact(provider, request, response).catch((error) => {
      response.statusCode = 400;
      response.end(String(error));
    });
  });
  console.log(issuer);
});
process.stdin.resume().on("close", () => process.exit(0));
