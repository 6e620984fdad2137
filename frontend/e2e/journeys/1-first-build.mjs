/** From a fresh data folder to a downloaded artifact, by page alone; once with the mouse, once with the keyboard alone. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { arrive, log, waitForLine, waitForStatus } from "../support/pages.mjs";
import { makeRepository, pipelineFile } from "../support/repository.mjs";

const BUILD = [
  "echo hello from the build",
  'mkdir -p out && printf "payload of the app" > out/app.bin',
  "for i in 1 2 3 4 5 6; do echo tick $i; sleep 0.3; done",
];

const repositoryFor = (stage) =>
  makeRepository(stage.daemon.root, "shop", "Add the shop app", { ".oore.yaml": pipelineFile(BUILD) });

async function assertDownload(stage, download) {
  const file = await download.path();
  const hash = createHash("sha256").update(readFileSync(file)).digest("hex");
  const shown = await stage.page.locator("li", { hasText: "app.bin" }).locator("code").textContent();
  assert.equal(hash, shown, "the downloaded file has the checksum that the page shows");
  assert.equal(hash, createHash("sha256").update("payload of the app").digest("hex"));
}

/** The link in the message about the build; other messages may still be there. */
const openQueuedBuild = (page) => page.getByRole("link", { name: "Open" }).last();

async function withTheMouse(stage) {
  await stage.startDaemon();
  const repository = repositoryFor(stage);
  const page = await stage.openPage();
  await arrive(stage);
  await stage.stop("home of a fresh instance");

  await page.getByRole("link", { name: "New project" }).first().click();
  await page.getByRole("textbox", { name: "Path" }).fill(repository);
  await page.getByRole("button", { name: "Go", exact: true }).click();
  await stage.stop("folder picker");
  await page.getByRole("button", { name: "Use this folder" }).click();
  await page.getByText("One pipeline is chosen.").waitFor();
  await stage.stop("what the repository holds");
  await page.getByRole("button", { name: "Create project" }).click();

  await page.getByRole("button", { name: "Run Main" }).first().click();
  await page.getByRole("dialog").getByRole("button", { name: "Run build" }).click();
  await page.getByText("Build #1 queued").waitFor();
  await openQueuedBuild(page).click();
  await page.getByRole("heading", { level: 1, name: "Add the shop app" }).waitFor();
  await waitForLine(page, "hello from the build");
  await stage.stop("running build");
  await waitForStatus(page, "Passed");
  await waitForLine(page, "tick 6");
  assert.match(await page.title(), /^✓ #1 Add the shop app/);
  await stage.stop("green build");

  await page.getByRole("link", { name: /^Artifacts/ }).click();
  await page.getByRole("list", { name: "Artifacts" }).getByText("app.bin").waitFor();
  await stage.stop("artifacts");
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: "Download app.bin" }).click(),
  ]);
  await assertDownload(stage, download);
  for (const view of ["Configuration", "Timeline", "Summary"]) {
    await page.getByRole("link", { name: view, exact: true }).click();
    await stage.stop(view);
  }
  await page.getByRole("link", { name: /^Artifacts/ }).click();
  await page.getByRole("button", { name: "Delete app.bin" }).click();
  const dialog = page.getByRole("dialog", { name: "Delete app.bin?" });
  await dialog.getByRole("textbox").fill("app.bin");
  await stage.stop("before an artifact is deleted");
  await dialog.getByRole("button", { name: "Delete the artifact" }).click();
  await page.getByText("No artifacts").waitFor();
  const stored = await page.evaluate(() => JSON.stringify({ ...localStorage }));
  assert.ok(!stored.includes("oore_session"), "no token in localStorage");
}

const tabTo = (page, role, name) => tabToTarget(page, page.getByRole(role, { name }).first());

/** Tab until the element has the focus; fails if it cannot be reached. */
async function tabToTarget(page, target) {
  await target.waitFor();
  for (let i = 0; i < 80; i++) {
    if (await target.evaluate((element) => element === document.activeElement)) return target;
    await page.keyboard.press("Tab");
  }
  throw new Error(`${target} cannot be reached by Tab`);
}

async function press(page, role, name) {
  await tabTo(page, role, name);
  await page.keyboard.press("Enter");
}

async function withTheKeyboard(stage) {
  await stage.startDaemon();
  const repository = repositoryFor(stage);
  const page = await stage.openPage();
  await arrive(stage);
  // Signing in has moved the focus into the page; who comes back signed in starts at its top.
  await arrive(stage);
  await page.keyboard.press("Tab");
  const skip = await page.evaluate(() => document.activeElement?.getAttribute("href"));
  assert.equal(skip, "#main", "the first Tab reaches the skip link");
  await page.keyboard.press("Enter");

  await press(page, "link", "New project");
  await tabTo(page, "textbox", "Path");
  await page.keyboard.press("ControlOrMeta+a");
  await page.keyboard.type(repository);
  await page.keyboard.press("Enter");
  await page.getByRole("list", { name: repository }).waitFor();
  await press(page, "button", "Use this folder");
  await page.getByText("One pipeline is chosen.").waitFor();
  await press(page, "button", "Create project");
  await press(page, "button", "Run Main");
  await page.getByRole("dialog").waitFor();
  await press(page, "button", "Run build");
  await page.getByText("Build #1 queued").waitFor();
  await tabToTarget(page, openQueuedBuild(page));
  await page.keyboard.press("Enter");
  await waitForStatus(page, "Passed");

  await tabTo(page, "region", "Build log");
  await page.keyboard.press("Home");
  await waitForLine(page, "hello from the build");
  await page.keyboard.press("End");
  await waitForLine(page, "tick 6");
  await page.keyboard.press("/");
  await page.keyboard.type("tick 3");
  await page.getByText("1 of 1 lines").waitFor();
  await page.keyboard.press("Escape");
  assert.ok(await log(page).evaluate((element) => element === document.activeElement), "Escape leads back");
  await page.keyboard.press("[");
  await press(page, "link", /^Artifacts/);
  await tabTo(page, "button", "Download app.bin");
  const [download] = await Promise.all([page.waitForEvent("download"), page.keyboard.press("Enter")]);
  await assertDownload(stage, download);
  await stage.stop("done with the keyboard");
}

export const journeys = [
  { name: "first start to a verified artifact", run: withTheMouse },
  { name: "the main job with the keyboard alone", run: withTheKeyboard },
];
