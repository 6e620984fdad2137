/**
 * A certified OpenID provider and the real daemon: the owner proves who she is, invites Ana, Ana gets in, and nobody else
 * does. People are in the browser; what the daemon's own pages will do with the code is sent to the API.
 */
import assert from "node:assert/strict";
import { IdentityProvider, proveOneself } from "../support/identity-provider.mjs";
import { chooseProvider, openSetUp } from "../support/set-up.mjs";

const CALLBACK = "/v1/auth/oidc/callback";

/** Everything up to the provider's answer; a browser profile that has never been there. */
async function comeBack(stage, authorizationUrl, login) {
  const page = await stage.openPage();
  const callback = `${stage.daemon.origin}/auth/callback`;
  await page.route(`${callback}*`, (route) => route.fulfill({ body: "back" }));
  await page.goto(authorizationUrl);
  await proveOneself(page, login);
  await page.waitForURL(`${callback}*`);
  const answer = new URL(page.url()).searchParams;
  await page.context().close();
  assert.equal(answer.get("error"), null);
  return { code: answer.get("code"), state: answer.get("state") };
}

async function begun(stage, login) {
  const { authorization_url } = await stage.api.as().send("GET", "/v1/auth/oidc/start");
  return comeBack(stage, authorization_url, login);
}

async function signIn(stage, login) {
  const { session_token } = await stage.api.as().send("POST", CALLBACK, await begun(stage, login));
  return stage.api.as(session_token);
}

async function refusal(stage, login) {
  return stage.api.as().refused("POST", CALLBACK, await begun(stage, login));
}

async function owned(stage, provider) {
  const setUp = await openSetUp(stage);
  const configured = await chooseProvider(setUp, provider);
  assert.equal(configured.discovered_issuer, provider.issuer);
  const { authorization_url } = await setUp.send("POST", "/v1/setup/owner/start-oidc", {});
  const answer = await comeBack(stage, authorization_url, "olga");
  const owner = await stage.api.as().send("POST", "/v1/setup/owner/verify-oidc", answer);
  assert.deepEqual([owner.owner_email, owner.oidc_subject], ["olga@example.com", "sub-olga"]);
  await setUp.send("POST", "/v1/setup/complete", {});
  assert.equal(
    await stage.api.as().refused("POST", "/v1/setup/owner/verify-oidc", answer),
    "409 already_configured",
  );
  return signIn(stage, "olga");
}

async function throughTheProvider(stage) {
  const daemon = await stage.startDaemon();
  const provider = stage.neighbour(await IdentityProvider.start([`${daemon.origin}/auth/callback`]));
  const owner = await owned(stage, provider);
  assert.equal((await owner.send("GET", "/v1/users/me")).user.role, "owner");

  assert.equal(await refusal(stage, "ana"), "403 user_not_found");
  for (const name of ["ana", "bob"]) {
    await owner.send("POST", "/v1/users/invite", { email: `${name}@example.com`, role: "developer" });
  }
  const ana = (await (await signIn(stage, "ana")).send("GET", "/v1/users/me")).user;
  assert.deepEqual([ana.email, ana.role, ana.status], ["ana@example.com", "developer", "active"]);

  assert.equal(await refusal(stage, "eve"), "403 user_not_found", "nobody invited her");
  assert.equal(
    await refusal(stage, "ana-too"),
    "403 user_not_found",
    "the same address is not the same person",
  );
  assert.equal(await refusal(stage, "bob"), "403 unverified_email");
  assert.equal((await owner.send("GET", "/v1/users")).total, 3, "refused people leave no account");

  const answer = await begun(stage, "ana");
  await stage.api.as().send("POST", CALLBACK, answer);
  assert.equal(await stage.api.as().refused("POST", CALLBACK, answer), "400 invalid_state");

  const { code } = await begun(stage, "ana");
  const { state } = await stage.api.as().send("GET", "/v1/auth/oidc/start");
  const mixed = await stage.api.as().refused("POST", CALLBACK, { code, state });
  assert.equal(mixed, "502 token_exchange_error", "a code is of use only with the state it came with");
}

/** The provider stops answering: who is in stays in, who is out is told why, and all is well when it is back. */
async function providerGone(stage) {
  const daemon = await stage.startDaemon();
  const provider = stage.neighbour(await IdentityProvider.start([`${daemon.origin}/auth/callback`]));
  const owner = await owned(stage, provider);
  const answer = await begun(stage, "olga");
  provider.freeze();
  await stage.api.as().send("GET", "/v1/auth/oidc/start");
  assert.equal(await stage.api.as().refused("POST", CALLBACK, answer), "502 token_exchange_error");
  assert.equal((await owner.send("GET", "/v1/users/me")).user.email, "olga@example.com");
  provider.thaw();
  await signIn(stage, "olga");
}

export const journeys = [
  { name: "sign in through an identity provider", run: throughTheProvider },
  { name: "identity provider that stops answering", run: providerGone },
];
