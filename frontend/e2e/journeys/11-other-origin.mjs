/**
 * A page of another origin and the daemon: nothing is read or changed from there until the owner lists exactly that
 * origin, everything works then, and nothing any more when it is taken off the list.
 */
import assert from "node:assert/strict";
import { fromNowhere, fromPage, OtherSite, streamFromPage } from "../support/other-site.mjs";

const NETWORK = "/v1/settings/external-access/network";
const REFUSED = "refused by the browser";

async function scene(stage) {
  const daemon = await stage.startDaemon();
  const site = stage.neighbour(await OtherSite.start());
  stage.tolerate(/CORS policy|Failed to load resource/);
  const page = await stage.openPage();
  await page.goto(site.origin);
  return { daemon, site, page };
}

const list = (stage, ...allowed_origins) => stage.api.send("PUT", NETWORK, { allowed_origins });

/** The headers that a preflight is answered with; a browser does not show them to scripts. */
async function preflight(daemon, origin) {
  const headers = {
    origin,
    "access-control-request-method": "PUT",
    "access-control-request-headers": "authorization,content-type",
  };
  const answer = await fetch(`${daemon.origin}/v1/users/me`, { method: "OPTIONS", headers });
  return answer.headers.get("access-control-allow-origin");
}

/** A page that was never allowed cannot take over an instance that nobody owns yet. */
async function strangers(stage) {
  const { daemon, site, page } = await scene(stage);
  const login = `${daemon.origin}/v1/auth/local/login`;
  const json = { "content-type": "application/json" };
  for (const [told, options] of [
    [REFUSED, { method: "POST", headers: json, body: "{}" }],
    [REFUSED, { method: "POST", headers: json, body: "{}", credentials: "include" }],
    [REFUSED, { method: "POST", body: "{}" }],
    ["sent blindly", { method: "POST", mode: "no-cors", body: "{}" }],
    [
      "sent blindly",
      { method: "POST", mode: "no-cors", headers: { "content-type": "text/plain" }, body: "{}" },
    ],
    ["sent blindly", { method: "POST", mode: "no-cors", credentials: "include" }],
  ]) {
    assert.equal(await fromPage(page, login, options), told, JSON.stringify(options));
  }
  assert.equal(await fromNowhere(page, login, { method: "POST", body: "{}" }), `${REFUSED} as null`);
  assert.equal(await fromPage(page, `${daemon.origin}/v1/public/setup-status`, {}), REFUSED);
  assert.equal(await preflight(daemon, site.origin), null);
  const status = await stage.api.as().send("GET", "/v1/public/setup-status");
  assert.equal(status.state, "bootstrap_pending", "nobody has become the owner");
}

async function listed(stage) {
  const { daemon, site, page } = await scene(stage);
  await stage.api.signIn();
  const me = `${daemon.origin}/v1/users/me`;
  const events = `${daemon.origin}/v1/events`;
  const headers = { authorization: `Bearer ${stage.api.token}` };
  const invite = (name) => ({
    method: "POST",
    headers: { ...headers, "content-type": "application/json" },
    body: JSON.stringify({ email: `${name}@example.com`, role: "developer" }),
  });
  const users = `${daemon.origin}/v1/users/invite`;
  const everythingIsRefused = async (label) => {
    assert.equal(await fromPage(page, me, { headers }), REFUSED, label);
    assert.equal(await fromPage(page, me, { headers, credentials: "include" }), REFUSED, label);
    assert.equal(await fromPage(page, users, invite("eve")), REFUSED, label);
    assert.equal(await streamFromPage(page, events, { headers }), REFUSED, label);
    assert.equal(await preflight(daemon, site.origin), null, label);
  };
  await everythingIsRefused("before");

  const { port } = site;
  for (const almost of [
    `http://localhost:${port - 1}`,
    `https://localhost:${port}`,
    `http://127.0.0.1:${port}`,
    `http://localhost.example:${port}`,
    `http://other.localhost:${port}`,
    "http://localhost",
  ]) {
    await list(stage, almost);
    await everythingIsRefused(`with ${almost}`);
  }
  for (const wrong of [
    "null",
    "*",
    `${site.origin}/`,
    `${site.origin}/page`,
    `LOCALHOST:${port}`,
    "http://*",
    "",
  ]) {
    const body = { allowed_origins: [wrong] };
    assert.equal(await stage.api.refused("PUT", NETWORK, body), "400 invalid_input", wrong);
  }

  await list(stage, site.origin);
  assert.equal(await preflight(daemon, site.origin), site.origin);
  assert.equal(await fromPage(page, me, { headers }), "200");
  assert.equal(await fromPage(page, me, { headers, credentials: "include" }), "200");
  assert.equal(await fromPage(page, me, {}), "401 missing_auth", "refusals can be read as well");
  assert.equal(await fromPage(page, users, invite("ana")), "201");
  assert.equal(await streamFromPage(page, events, { headers }), "hello");
  assert.equal(await fromNowhere(page, me, { headers }), `${REFUSED} as null`);
  for (const other of [
    "null",
    `${site.origin}.example`,
    `https://localhost:${port}`,
    `http://localhost:${port}0`,
  ]) {
    assert.equal(await preflight(daemon, other), null, other);
  }

  await list(stage);
  await everythingIsRefused("afterwards");
  assert.equal((await stage.api.send("GET", "/v1/users")).total, 2, "only Ana was invited");
}

/** An instance that others reach keeps the address at which they do. */
async function notLockedOut(stage) {
  const { daemon, site, page } = await scene(stage);
  await stage.api.signIn();
  const proxy = { shared_secret: "correct horse battery staple" };
  await stage.api.send("PUT", "/v1/settings/external-access/trusted-proxy", proxy);
  const own = "https://ci.example.com";
  const network = (public_url, ...allowed_origins) => ({ public_url, allowed_origins });
  await stage.api.send("PUT", NETWORK, network(own, own, site.origin));
  await stage.api.send("PATCH", "/v1/users/me", { email: "owner@example.com" });
  const remote = { key_storage_mode: "file", runtime_mode: "remote", remote_auth_mode: "trusted_proxy" };
  await stage.api.send("PUT", "/v1/settings/preferences", remote);
  assert.equal(
    await stage.api.refused("GET", "/v1/users/me"),
    "401 invalid_session",
    "the change ended sessions",
  );
  await stage.api.signIn();
  for (const [body, expected] of [
    [network(own, site.origin), "400 external_access_origin_not_allowed"],
    [network(own), "400 external_access_origin_not_allowed"],
    [network(null, own, site.origin), "400 external_access_public_url_missing"],
    [network("http://ci.example.com", own), "400 external_access_https_required"],
    [network("https://localhost", "https://localhost"), "400 invalid_input"],
  ]) {
    assert.equal(await stage.api.refused("PUT", NETWORK, body), expected);
  }
  const headers = { authorization: `Bearer ${stage.api.token}` };
  assert.equal(
    await fromPage(page, `${daemon.origin}/v1/users/me`, { headers }),
    "200",
    "nothing has changed",
  );
}

export const journeys = [
  { name: "page of another origin that nobody listed", run: strangers },
  { name: "page of another origin that the owner lists", run: listed },
  { name: "addresses that would lock people out", run: notLockedOut },
];
