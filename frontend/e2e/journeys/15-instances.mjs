/**
 * Several instances in one browser: added after a look at who answers, two sessions that know nothing of each other, going from
 * one to the other and back, links, and what is gone when one is removed.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import {
  anotherDaemon,
  deadAddress,
  enterAddress,
  instanceRow,
  list,
  sessionsOf,
  watchTokens,
} from "../support/instances.mjs";
import { arrive } from "../support/pages.mjs";
import { makeRepository, pipelineFile } from "../support/repository.mjs";
import { waitFor } from "../support/wait.mjs";
import { dialog } from "../support/widgets.mjs";

const NETWORK = "/v1/settings/external-access/network";

const heading = (page, name) => page.getByRole("heading", { level: 1, name });
const open = (page, label) =>
  page
    .getByRole("button", { name: `Open ${label}` })
    .first()
    .click();
const switcher = (page) => page.getByRole("button", { name: /^Instance .*: switch or manage$/ });
const projects = async (page) => {
  await page.getByRole("link", { name: "Projects" }).first().click();
  await heading(page, "Projects").waitFor();
};
const shell = (page) => page.getByRole("navigation", { name: "Main" }).first().waitFor();

/** Two daemons with a project each; the second one does not allow the page of the first yet. */
async function scene(stage) {
  const { root } = await stage.startDaemon();
  const second = await anotherDaemon(stage);
  const repository = makeRepository(root, "shop", "Begin", { ".oore.yaml": pipelineFile(["echo fine"]) });
  await stage.api.project(repository, "On the first");
  await second.api.project(repository, "On the second");
  return second;
}

async function toList(page) {
  await page.getByRole("button", { name: "Account and appearance" }).click();
  await page.getByRole("menuitem", { name: "Instances" }).click();
  await heading(page, "Instances").waitFor();
  await list(page).getByText("Reachable").first().waitFor();
}

async function adding(stage) {
  const second = await scene(stage);
  stage.tolerate(/CORS policy|net::ERR_/);
  const page = await stage.openPage();
  await arrive(stage);
  await toList(page);
  await stage.stop("one instance");
  for (const [address, says] of [
    ["", "Enter an address."],
    ["http://ci.example.com", "Without https only this machine can be reached"],
    ["https://ana:secret@ci.example.com", "Leave user name and password out"],
    [await deadAddress(stage), "Nothing answers at this address"],
    [stage.daemon.origin, "The same address is there under that name."],
    [second.origin, "The instance does not allow this page to call it"],
  ]) {
    await enterAddress(page, address);
    await page.getByText(says).waitFor();
    await stage.stop(says);
  }
  await page.getByRole("alert").getByText(stage.daemon.origin, { exact: true }).waitFor();
  // Another name of the first daemon's own machine.
  const alias = stage.daemon.origin.replace("localhost", "127.0.0.1");
  await stage.api.send("PUT", NETWORK, { allowed_origins: [stage.daemon.origin] });
  await enterAddress(page, alias);
  await page.getByText("under another address").waitFor();
  await stage.stop("the same daemon twice");

  await second.api.send("PUT", NETWORK, { allowed_origins: [stage.daemon.origin] });
  await enterAddress(page, second.origin, "Second");
  await page.getByText("Second was added.").first().waitFor();
  await stage.stop("added");
  await page.getByRole("button", { name: "Move Second up" }).press("Enter");
  await page.getByText("Second is number 1 of 2 now.").waitFor();
  assert.equal(
    await page.evaluate(() => document.activeElement.getAttribute("aria-label")),
    "Move Second up",
  );
  await page.getByRole("button", { name: "Actions for Second" }).click();
  await page.getByRole("menuitem", { name: "Rename…" }).click();
  await dialog(page).getByLabel("Name").fill("The other one");
  await stage.stop("renaming");
  await dialog(page).getByRole("button", { name: "Rename" }).click();
  await instanceRow(page, "The other one").waitFor();

  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: "Export" }).click();
  const file = await (await download).path();
  const exported = JSON.parse(readFileSync(file, "utf8"));
  assert.deepEqual(
    exported.instances.map(({ label, url }) => [label, url]),
    [
      ["The other one", second.origin],
      [new URL(stage.daemon.origin).host, stage.daemon.origin],
    ],
  );
  await stage.openPage();
  await stage.go("/connect");
  await stage.page.getByLabel("File with a list of instances").setInputFiles(file);
  await stage.page.getByText("1 instance was added. 1 was in the list already.").waitFor();
  await stage.stop("imported");
}

async function twoSessions(stage) {
  const second = await scene(stage);
  await second.api.send("PUT", NETWORK, { allowed_origins: [stage.daemon.origin] });
  const page = await stage.openPage();
  const sent = watchTokens(page.context());
  await arrive(stage, "/projects");
  await toList(page);
  await enterAddress(page, second.origin, "Second");
  await page.getByText("Second was added.").first().waitFor();
  assert.equal((await sessionsOf(page))[second.origin], null, "adding signs nobody in");
  await open(page, "Second");
  await shell(page);
  assert.equal(new URL(page.url()).searchParams.get("instance"), second.origin);
  await stage.stop("the second instance");
  const tokens = await sessionsOf(page);
  assert.ok(tokens[stage.daemon.origin] && tokens[second.origin]);
  assert.notEqual(tokens[stage.daemon.origin], tokens[second.origin]);

  await projects(page);
  await page.getByText("On the second").waitFor();
  assert.equal(await page.getByText("On the first").count(), 0);
  assert.equal(
    new URL(page.url()).searchParams.get("instance"),
    second.origin,
    "links stay with the instance",
  );
  await page.reload();
  await page.getByText("On the second").waitFor();
  assert.equal(new URL(page.url()).searchParams.get("instance"), second.origin);

  await switcher(page).click();
  await dialog(page).getByText("Signed in").first().waitFor();
  await dialog(page).getByText("Reachable").nth(1).waitFor({ state: "attached" });
  await stage.stop("switcher");
  await dialog(page).getByText(new URL(stage.daemon.origin).host, { exact: true }).click();
  await waitFor("the first instance", async () => page.url() === `${stage.daemon.origin}/`);
  await shell(page);
  await projects(page);
  await page.getByText("On the first").waitFor();
  assert.equal(await page.getByText("On the second").count(), 0);
  await page.keyboard.press("Control+2");
  await waitFor("the second instance", async () => page.url().includes("instance="));
  await shell(page);
  // What was read before is there again, without a question.
  const asked = [];
  page.on("request", (request) => asked.push(new URL(request.url()).pathname));
  await page.goBack();
  await page.getByText("On the first").waitFor();
  assert.equal(await page.getByText("On the second").count(), 0);
  assert.ok(!asked.includes("/v1/projects"), `asked ${asked}`);
  // What happened meanwhile is heard after coming back.
  await page.keyboard.press("Control+2");
  await waitFor("the second instance", async () => page.url().includes("instance="));
  await shell(page);
  await stage.api.project(
    makeRepository(stage.daemon.root, "late", "Begin", { "README.md": "late" }),
    "Came meanwhile",
  );
  await page.goBack();
  await page.getByText("Came meanwhile").waitFor();

  // Signing out of the first one ends only that session, here and on the server.
  await page.getByRole("button", { name: "Account and appearance" }).click();
  await page.getByRole("menuitem", { name: "Sign out" }).click();
  await page.getByText("You are signed out.").waitFor();
  await stage.stop("signed out of the first");
  const after = await sessionsOf(page);
  assert.equal(after[stage.daemon.origin], null);
  assert.equal(after[second.origin], tokens[second.origin]);
  stage.tolerate(/status of 401/);
  assert.equal((await stage.api.as(tokens[stage.daemon.origin]).request("GET", "/v1/users/me")).status, 401);
  assert.equal((await second.api.as(tokens[second.origin]).request("GET", "/v1/users/me")).status, 200);
  await page.getByRole("link", { name: "Other instances" }).click();
  await instanceRow(page, "Second").getByText("Signed in", { exact: true }).waitFor();
  await stage.stop("one signed in, one not");
  await open(page, "Second");
  await shell(page);

  for (const origins of sent.origins()) assert.equal(origins.length, 1, `a token went to ${origins}`);
  const lasting = await page.evaluate(() => JSON.stringify({ ...localStorage }) + document.cookie);
  for (const token of sent.tokens()) assert.ok(!lasting.includes(token), "a token is in lasting storage");

  await page.getByRole("button", { name: "Account and appearance" }).click();
  await page.getByRole("menuitem", { name: "Instances" }).click();
  await page.getByRole("button", { name: "Actions for Second" }).click();
  await page.getByRole("menuitem", { name: "Remove…" }).click();
  await dialog(page).getByText("your session there, which is ended").waitFor();
  await stage.stop("before removing");
  await dialog(page).getByRole("button", { name: "Remove" }).click();
  await page.getByText("Second was removed from this browser.").waitFor();
  await stage.stop("removed");
  assert.equal((await second.api.as(tokens[second.origin]).request("GET", "/v1/users/me")).status, 401);
}

async function looks(stage) {
  const second = await scene(stage);
  await second.api.send("PUT", NETWORK, { allowed_origins: [stage.daemon.origin] });
  stage.tolerate(/CORS policy|net::ERR_/);
  const link = `/projects?instance=${encodeURIComponent("https://ci.a-rather-long-name.staging.example.com:8443")}`;
  for (const colorScheme of ["light", "dark"]) {
    for (const [width, height] of [
      [1440, 900],
      [390, 844],
      [320, 640],
    ]) {
      const pointer = width < 500 ? "coarse" : "fine";
      const page = await stage.openPage({ width, height, colorScheme, pointer });
      await arrive(stage);
      await stage.go("/connect");
      await enterAddress(page, second.origin, "An instance with a rather long name for phones");
      await page.getByText("was added.").first().waitFor();
      await stage.stop(`list ${colorScheme} ${width}`);
      await enterAddress(page, await deadAddress(stage));
      await page.getByText("Nothing answers at this address").waitFor();
      await stage.stop(`unreachable ${colorScheme} ${width}`);
      await stage.go(link);
      await page.getByText("Add the instance of this link?").waitFor();
      await stage.stop(`link ${colorScheme} ${width}`);
      if (width > 768) {
        await stage.go("/");
        await switcher(page).click();
        await dialog(page).getByText("Reachable").first().waitFor({ state: "attached" });
        await stage.stop(`switcher ${colorScheme} ${width}`);
      }
      await page.context().close();
    }
  }
}

export const journeys = [
  { name: "instances: adding and what stands in the way", run: adding },
  { name: "instances: two of them, two sessions", run: twoSessions },
  { name: "instances: looks of the list", run: looks },
];
