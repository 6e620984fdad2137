/** An instance behind an identity provider, its owner proved over the API: for journeys that are about what comes after. */
import assert from "node:assert/strict";
import { proveOneself } from "./identity-provider.mjs";
import { chooseProvider, openSetUp } from "./set-up.mjs";

export const CALLBACK = "/v1/auth/oidc/callback";

/** Everything up to the provider's answer, in a browser profile that has never been there; the page does not use it. */
export async function comeBack(stage, authorizationUrl, login) {
  const page = await stage.openPage();
  const callback = `${stage.daemon.origin}/auth/callback?`;
  const answered = page.waitForRequest((request) => request.url().startsWith(callback));
  await page.goto(authorizationUrl);
  await proveOneself(page, login);
  const answer = new URL((await answered).url()).searchParams;
  await page.context().close();
  return { code: answer.get("code"), state: answer.get("state") };
}

export async function begun(stage, login) {
  const { authorization_url } = await stage.api.as().send("GET", "/v1/auth/oidc/start");
  return comeBack(stage, authorization_url, login);
}

export async function signIn(stage, login) {
  const { session_token } = await stage.api.as().send("POST", CALLBACK, await begun(stage, login));
  return stage.api.as(session_token);
}

export async function owned(stage, provider) {
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
