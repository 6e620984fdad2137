/**
 * Many tabs of one person: a new one takes over the session, all of them share one live stream, the next leads when the leader is
 * closed, and signing out in one ends all. Then the daemon goes away and comes back, and a proxy lets no stream through.
 */
import assert from "node:assert/strict";
import { sessionsOf } from "../support/instances.mjs";
import { arrive } from "../support/pages.mjs";
import { makeRepository, pipelineFile } from "../support/repository.mjs";
import { StreamBlocker } from "../support/stream-blocker.mjs";
import { Streams } from "../support/streams.mjs";

const BANNER_LIMIT_MS = 5_000;
const LIVE_LIMIT_MS = 5_000;
const IDLE_MS = 30_000;
const MOST_WHILE_IDLE = 2;
const TABS = 10;

const live = (page) => page.getByRole("status").getByText("Live", { exact: true }).first();
const banner = (page) => page.getByRole("main").getByText(/^Instance unreachable, last update/);

async function projectNamed(stage, name) {
  const files = { ".oore.yaml": pipelineFile(["echo fine"]) };
  await stage.api.project(makeRepository(stage.daemon.root, name, "Begin", files), name);
}

async function openTab(stage, first, path) {
  const page = await first.context().newPage();
  stage.watch(page);
  stage.page = page;
  await arrive(stage, path);
  return page;
}

async function handOver(stage) {
  await stage.startDaemon();
  const first = await stage.openPage();
  await arrive(stage);
  const { [stage.daemon.origin]: token } = await sessionsOf(first);
  const second = await openTab(stage, first, "/projects");
  assert.equal((await sessionsOf(second))[stage.daemon.origin], token, "the session of the open tab");
  await stage.stop("a second tab");
  const { sessions } = await stage.api.as(token).send("GET", "/v1/users/me/sessions");
  assert.equal(sessions.length, 1, "nobody signed in twice");
  const stranger = await stage.openPage();
  await arrive(stage);
  assert.notEqual(
    (await sessionsOf(stranger))[stage.daemon.origin],
    token,
    "another profile knows nothing of it",
  );

  stage.page = second;
  await second.getByRole("button", { name: "Account and appearance" }).click();
  await second.getByRole("menuitem", { name: "Sign out" }).click();
  for (const page of [second, first]) {
    stage.page = page;
    await page.getByText("You are signed out.").waitFor();
    assert.deepEqual(await sessionsOf(page), { [stage.daemon.origin]: null });
    await stage.stop("signed out everywhere");
  }
  await stranger.getByRole("navigation", { name: "Main" }).first().waitFor();
}

async function oneStream(stage) {
  await stage.startDaemon();
  await stage.api.signIn();
  const first = await stage.openPage();
  const streams = new Streams(first.context());
  await arrive(stage, "/projects");
  const tabs = [first];
  while (tabs.length < TABS) tabs.push(await openTab(stage, first, "/projects"));
  for (const page of tabs) await live(page).waitFor();
  assert.equal(streams.open.size, 1, "one stream for ten tabs");
  assert.equal(streams.resumed.length, 1, "and there never was another");
  await projectNamed(stage, "seen-by-all");
  for (const page of tabs) await page.getByRole("link", { name: "seen-by-all" }).waitFor();
  await stage.stop("ten tabs");

  // The leader goes; another one goes on from where it was.
  const { leader } = streams;
  await leader.close();
  const rest = tabs.filter((page) => page !== leader);
  await projectNamed(stage, "after-the-leader");
  for (const page of rest) await page.getByRole("link", { name: "after-the-leader" }).waitFor();
  assert.equal(streams.open.size, 1);
  assert.equal(streams.resumed.length, 2);
  assert.match(streams.resumed[1], /^\d+$/, "it resumes where the first one was");

  const before = streams.requests.length;
  await rest[0].waitForTimeout(IDLE_MS);
  const asked = streams.requests.slice(before);
  assert.ok(asked.length <= MOST_WHILE_IDLE, `idle for 30 s, all tabs asked ${asked.length} times: ${asked}`);

  await stage.daemonAway(() => stage.daemon.killHard());
  await Promise.all(rest.map((page) => banner(page).waitFor({ timeout: BANNER_LIMIT_MS })));
  stage.page = rest[0];
  await stage.stop("daemon away");
  // Long enough for the longest pause between two tries.
  await rest[0].waitForTimeout(8_000);
  await stage.daemon.start();
  await Promise.all(rest.map((page) => live(page).waitFor({ timeout: LIVE_LIMIT_MS })));
  for (const page of rest) await banner(page).waitFor({ state: "detached" });
  stage.daemonBack();
  assert.equal(streams.open.size, 1);
  await projectNamed(stage, "after-the-restart");
  for (const page of rest) await page.getByRole("link", { name: "after-the-restart" }).waitFor();
  await stage.stop("daemon back");
}

async function noStream(stage) {
  await stage.startDaemon();
  await stage.api.signIn();
  const blocker = stage.neighbour(await StreamBlocker.start(stage.daemon.port));
  const page = await stage.openPage();
  await page.goto(`${blocker.origin}/projects`);
  await page.getByRole("status").getByText("Every 10 s", { exact: true }).waitFor({ timeout: 30_000 });
  await stage.stop("no live updates");
  await projectNamed(stage, "seen-by-asking");
  await page.getByRole("link", { name: "seen-by-asking" }).waitFor({ timeout: 15_000 });
  assert.equal(await banner(page).count(), 0, "the instance itself is there");
  blocker.isBlocking = false;
  await live(page).waitFor({ timeout: 40_000 });
}

export const journeys = [
  { name: "tabs: a new one takes the session over", run: handOver },
  { name: "tabs: ten of them, one stream", run: oneStream },
  { name: "tabs: no stream gets through", run: noStream },
];
