/**
 * nginx in front of the daemon: who comes through it is never taken for somebody at the machine, only a proxy that proves
 * itself says who people are, and the live stream passes at once. Clients send every header that might deceive.
 */
import assert from "node:assert/strict";
import { EventStream } from "../support/event-stream.mjs";
import { makeRepository } from "../support/repository.mjs";
import { cookieOf, ReverseProxy } from "../support/reverse-proxy.mjs";
import { openSetUp } from "../support/set-up.mjs";

const SECRET = "correct horse battery staple";
const LOGIN = "/v1/auth/trusted-proxy/login";

const FORWARDS = "proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;";
const NAMES = "proxy_set_header X-Warpgate-Username $person;";
const PROVES = `proxy_set_header X-Oore-Trusted-Proxy-Secret "${SECRET}";`;

/** The proxies that stand in front, from well configured to careless. */
const SITES = {
  honest: [FORWARDS, NAMES, PROVES],
  forgetful: [FORWARDS, NAMES],
  mistaken: [FORWARDS, NAMES, 'proxy_set_header X-Oore-Trusted-Proxy-Secret "another";'],
  /** Passes on what the client says it is. */
  gullible: [FORWARDS, PROVES],
  /** Tells nothing of the client but what another header has. */
  terse: ["proxy_set_header X-Real-IP $remote_addr;"],
  standard: ['proxy_set_header Forwarded "for=$remote_addr";'],
  /** As if the client were somewhere else; it can put something before the address, but nothing after it. */
  far: ['proxy_set_header X-Forwarded-For "$http_x_forwarded_for, 203.0.113.7";'],
};

const word = ({ status, body }) => `${status} ${body.code}`;

const CLAIMS_TO_BE_LOCAL = [
  [],
  ["X-Forwarded-For", "127.0.0.1"],
  ["X-Forwarded-For", "::1"],
  ["X-Forwarded-For", ""],
  ["X-Real-IP", "127.0.0.1"],
  ["Forwarded", "for=127.0.0.1"],
  ["CF-Connecting-IP", "127.0.0.1"],
  ["True-Client-IP", "127.0.0.1"],
  ["X_Forwarded_For", "127.0.0.1"],
  ["Connection", "X-Forwarded-For, Forwarded, X-Real-IP"],
];

/** One daemon a site: after twenty refusals from an address the next answer would be another one. */
async function nobodyBehindItIsLocal(stage, site) {
  await stage.startDaemon();
  const proxy = stage.neighbour(await ReverseProxy.start(stage.daemon, SITES));
  for (const claim of CLAIMS_TO_BE_LOCAL) {
    const headers = [["Content-Type", "application/json"], claim];
    const answer = await proxy.ask(site, "POST", "/v1/auth/local/login", { headers, body: "{}" });
    assert.equal(word(answer), "403 local_login_loopback_required", `${claim}`);
  }
}

async function settingsStayOnTheMachine(stage) {
  await stage.startDaemon();
  const proxy = stage.neighbour(await ReverseProxy.start(stage.daemon, SITES));
  await stage.api.signIn();
  const body = JSON.stringify({ allowed_origins: ["https://evil.example"] });
  const headers = [
    ["Content-Type", "application/json"],
    ["Authorization", `Bearer ${stage.api.token}`],
  ];
  const path = "/v1/settings/external-access/network";
  const changed = await proxy.ask("honest", "PUT", path, { headers, body });
  assert.equal(word(changed), "403 external_access_loopback_required");
}

/** An instance in remote mode whose owner is whom the honest proxy names. */
async function behindProxy(stage) {
  await stage.startDaemon();
  const proxy = stage.neighbour(await ReverseProxy.start(stage.daemon, SITES));
  const setUp = await openSetUp(stage);
  await setUp.send("POST", "/v1/setup/preferences", {
    runtime_mode: "remote",
    remote_auth_mode: "trusted_proxy",
  });
  await setUp.send("POST", "/v1/setup/trusted-proxy/configure", { shared_secret: SECRET });
  const claim = "/v1/setup/owner/claim-trusted-proxy";
  const session = [["Authorization", `Bearer ${setUp.token}`]];
  assert.equal(await setUp.refused("POST", claim), "401 trusted_proxy_shared_secret_missing");
  assert.equal(
    word(await proxy.ask("mistaken", "POST", claim, { headers: session })),
    "401 trusted_proxy_shared_secret_invalid",
  );
  assert.equal(
    word(await proxy.ask("honest", "POST", claim, { headers: session })),
    "401 trusted_proxy_identity_missing",
  );
  const headers = [...session, ["Cookie", cookieOf("olga")]];
  const { body } = await proxy.ask("honest", "POST", claim, { headers });
  assert.equal(body.owner_email, "olga@example.com");
  await setUp.send("POST", "/v1/setup/complete", {});
  return proxy;
}

const login = (proxy, site, ...headers) => proxy.ask(site, "POST", LOGIN, { headers });

async function whoTheProxyNames(stage) {
  const proxy = await behindProxy(stage);
  const olga = ["Cookie", cookieOf("olga")];
  const session = await login(proxy, "honest", olga);
  assert.equal(session.body.user.email, "olga@example.com");
  const owner = stage.api.as(session.body.session_token);

  for (const [expected, site, ...headers] of [
    ["401 trusted_proxy_identity_missing", "honest"],
    ["401 trusted_proxy_identity_missing", "honest", ["X-Warpgate-Username", "olga@example.com"]],
    ["401 trusted_proxy_identity_missing", "honest", ["X_Warpgate_Username", "olga@example.com"]],
    ["403 user_not_found", "honest", ["Cookie", cookieOf("eve")]],
    [
      "403 user_not_found",
      "honest",
      ["Cookie", cookieOf("eve")],
      ["X-Warpgate-Username", "olga@example.com"],
    ],
    [
      "403 user_not_found",
      "honest",
      ["Cookie", cookieOf("eve")],
      ["X_Warpgate_Username", "olga@example.com"],
    ],
    ["401 trusted_proxy_shared_secret_missing", "forgetful", olga],
    ["401 trusted_proxy_shared_secret_missing", "forgetful", olga, ["X_Oore_Trusted_Proxy_Secret", SECRET]],
    ["401 trusted_proxy_shared_secret_invalid", "mistaken", olga],
    ["401 trusted_proxy_shared_secret_invalid", "mistaken", olga, ["X-Oore-Trusted-Proxy-Secret", SECRET]],
    [
      "401 trusted_proxy_identity_invalid",
      "gullible",
      ["X-Warpgate-Username", "olga@example.com"],
      ["X-Warpgate-Username", "eve@example.com"],
    ],
    [
      "401 trusted_proxy_identity_invalid",
      "gullible",
      ["X-Warpgate-Username", "eve@example.com, olga@example.com"],
    ],
    ["401 trusted_proxy_identity_invalid", "gullible", ["X-Warpgate-Username", "olga"]],
    ["403 origin_not_allowed", "honest", olga, ["Origin", "https://evil.example"]],
    ["403 origin_not_allowed", "honest", olga, ["Origin", "null"]],
    ["403 origin_not_allowed", "honest", olga, ["Sec-Fetch-Site", "cross-site"]],
    ["400 invalid_request", "honest", olga, ["Content-Type", "text/plain"]],
    ["400 invalid_request", "honest", olga, ["Content-Type", "application/x-www-form-urlencoded"]],
  ]) {
    assert.equal(word(await login(proxy, site, ...headers)), expected, JSON.stringify([site, headers]));
  }
  // Nobody is a proxy for being on the machine: the secret decides.
  assert.equal(await stage.api.as().refused("POST", LOGIN), "401 trusted_proxy_shared_secret_missing");
  const succeeded = await owner.send("GET", "/v1/audit-logs?action=trusted_proxy_login_succeeded");
  assert.equal(succeeded.total, 1, "only the first one got in");
}

/** Without a secret the address decides, and this machine is a proxy only if the owner says so. */
async function whichProxiesAreTrusted(stage) {
  const proxy = await behindProxy(stage);
  const olga = ["Cookie", cookieOf("olga")];
  const owner = stage.api.as((await login(proxy, "honest", olga)).body.session_token);
  const settings = "/v1/settings/external-access/trusted-proxy";
  await owner.send("PUT", settings, { shared_secret: "", trusted_proxy_cidrs: ["10.0.0.0/8"] });
  for (const claim of [
    [],
    ["X-Forwarded-For", "10.0.0.1"],
    ["X-Real-IP", "10.0.0.1"],
    ["Forwarded", "for=10.0.0.1"],
  ]) {
    const answer = await login(proxy, "honest", olga, claim);
    assert.equal(word(answer), "403 trusted_proxy_peer_not_allowed", claim.join());
  }
  await owner.send("PUT", settings, { trusted_proxy_cidrs: ["127.0.0.0/8"] });
  assert.equal((await login(proxy, "forgetful", olga)).status, 200);
  await owner.send("PUT", settings, { user_email_header: "X-Person" });
  assert.equal(word(await login(proxy, "forgetful", olga)), "401 trusted_proxy_identity_missing");
}

/** Another site in Olga's browser: her browser sends the proxy's cookie along, and nothing comes of it. */
async function formOfAnotherSite(stage) {
  const proxy = await behindProxy(stage);
  const session = await login(proxy, "honest", ["Cookie", cookieOf("olga")]);
  const owner = stage.api.as(session.body.session_token);
  const page = await stage.openPage();
  await page.context().addCookies([{ name: "access", value: "olga", url: proxy.origin("honest") }]);
  stage.tolerate(/Failed to load resource|CORS policy/);
  await page.route("**/other-site", (route) =>
    route.fulfill({
      contentType: "text/html",
      body: `<form method="post" action="${proxy.origin("honest")}${LOGIN}"><button>Win a phone</button></form>`,
    }),
  );
  await page.goto(`http://localhost:${stage.daemon.port}/other-site`);
  const answered = page.waitForResponse(`${proxy.origin("honest")}${LOGIN}`);
  await page.getByRole("button").click();
  const answer = await answered;
  assert.match((await answer.request().allHeaders()).cookie, /access=olga/);
  assert.equal(answer.status(), 403);
  const succeeded = await owner.send("GET", "/v1/audit-logs?action=trusted_proxy_login_succeeded");
  assert.equal(succeeded.total, 1);
}

/** What is recorded of a client is what the proxy says, whatever the client puts before it or beside it. */
async function whereClientsAre(stage) {
  await stage.startDaemon();
  const proxy = stage.neighbour(await ReverseProxy.start(stage.daemon, SITES));
  await stage.api.signIn();
  for (const lie of [
    ["X-Forwarded-For", "198.51.100.1"],
    ["CF-Connecting-IP", "198.51.100.1"],
    ["X-Real-IP", "198.51.100.1"],
    ["Forwarded", "for=198.51.100.1"],
  ]) {
    const headers = [["Content-Type", "application/json"], lie];
    await proxy.ask("far", "POST", "/v1/auth/local/login", { headers, body: "{}" });
  }
  const { entries } = await stage.api.send("GET", "/v1/audit-logs?limit=4");
  const places = entries.map(({ peer }) => peer);
  assert.deepEqual(places, Array(4).fill("203.0.113.7 (behind a proxy)"));
}

/** A change arrives while the stream is open, not when a buffer is full: nginx as it is without any setting. */
async function liveThroughIt(stage) {
  await stage.startDaemon();
  const proxy = stage.neighbour(await ReverseProxy.start(stage.daemon, SITES));
  await stage.api.signIn();
  const stream = await EventStream.open(proxy.origin("honest"), stage.api.token);
  await stream.until("event: hello");
  const repository = makeRepository(stage.daemon.root, "shop", "Start", { "a.txt": "a" });
  const { project } = await stage.api.project(repository);
  await stream.until(project.id);
  await stream.close();
}

export const journeys = [
  ...["honest", "terse", "standard", "far"].map((site) => ({
    name: `nobody behind nginx is local (${site})`,
    run: (stage) => nobodyBehindItIsLocal(stage, site),
  })),
  { name: "settings stay on the machine behind nginx", run: settingsStayOnTheMachine },
  { name: "sign in through nginx as a trusted proxy", run: whoTheProxyNames },
  { name: "proxies that are trusted for their address", run: whichProxiesAreTrusted },
  { name: "form of another site behind nginx", run: formOfAnotherSite },
  { name: "where clients of nginx are", run: whereClientsAre },
  { name: "live stream through nginx", run: liveThroughIt },
];
