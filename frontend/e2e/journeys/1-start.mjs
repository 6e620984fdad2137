/** From a fresh data folder to a green build of a Flutter app with two clicks and nothing typed; then home and the insights. */
import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { arrive, waitForStatus } from "../support/pages.mjs";
import { makeRepository, pipelineFile } from "../support/repository.mjs";

/** All pages in every look are another journey's. */
const LOOKS = [
  ["light", 1440, 900],
  ["dark", 390, 844],
];

const PUBSPEC = "name: shop\ndependencies:\n  flutter:\n    sdk: flutter\n";

/** Does as much of the SDK as a test pipeline asks for. */
const FLUTTER = '#!/bin/sh\necho "Flutter 3.35.1 • stand-in: $*"\nexit 0\n';

/** A home folder with a program called flutter and an app, as on the machine of somebody who works with it. */
async function preparedMachine(stage) {
  const tools = mkdtempSync(join(tmpdir(), "oore-tools-"));
  stage.neighbour({ owns: () => false, stop: () => rmSync(tools, { recursive: true, force: true }) });
  for (const name of ["flutter", "dart"]) {
    writeFileSync(join(tools, name), FLUTTER);
    chmodSync(join(tools, name), 0o755);
  }
  const daemon = await stage.startDaemon({ PATH: `${tools}:${process.env.PATH}` });
  makeRepository(join(daemon.root, "Projects"), "shop", "Add the shop", {
    "pubspec.yaml": PUBSPEC,
    "test/a_test.dart": "void main() {}\n",
    "lib/main.dart": "void main() {}\n",
    "android/app/build.gradle": "android {}\n",
  });
}

async function twoClicks(stage) {
  await preparedMachine(stage);
  const page = await stage.openPage();
  await stage.go("/start");
  await page.getByRole("button", { name: "Use on this machine only" }).click();
  await page.getByRole("heading", { level: 1, name: "Build your app" }).waitFor();
  assert.ok(await page.getByRole("radio", { name: "shop" }).isChecked(), "the app is chosen already");
  await page.getByText("Makes the project shop and builds Tests & analysis.").waitFor();
  await page.getByRole("list", { name: "This machine" }).waitFor();
  await stage.stop("first run");
  const phone = page.viewportSize();
  await page.setViewportSize({ width: 390, height: 844 });
  await stage.stop("first run on a phone");
  await page.setViewportSize(phone);
  await page.reload();
  await page.getByText("Makes the project shop and builds Tests & analysis.").waitFor();

  await page.getByRole("button", { name: "Build", exact: true }).click();
  await page.getByRole("heading", { level: 1, name: "Add the shop" }).waitFor();
  await waitForStatus(page, "Passed");
  await stage.stop("the first build");

  await stage.go("/start");
  await page.getByRole("link", { name: "Open project shop" }).waitFor();
  await stage.stop("first run again");
  await page.getByRole("link", { name: "Go to Home instead" }).click();
  await page.getByRole("list", { name: "Projects" }).getByRole("link", { name: "shop" }).waitFor();
  await page.getByRole("img", { name: "Last builds on main: 1 passed, 0 failed, 0 canceled" }).waitFor();
}

/** An instance where something fails, something runs and something waits. */
async function busyInstance(stage) {
  const { root } = await stage.startDaemon();
  const good = makeRepository(root, "good", "Add onboarding", {
    ".oore.yaml": pipelineFile(["echo fine", "mkdir -p out && echo a > out/a.apk"]),
  });
  const bad = makeRepository(root, "bad", "Break the checkout", {
    ".oore.yaml": pipelineFile(["echo no", "exit 1"]),
  });
  const slow = makeRepository(root, "slow", "Take some time", { ".oore.yaml": pipelineFile(["sleep 600"]) });
  const one = await stage.api.project(good, "Shop app");
  const two = await stage.api.project(bad, "Courier");
  const three = await stage.api.project(slow, "Slow app");
  for (const lane of [one, two, one, one, two]) await stage.api.ended((await stage.api.run(lane)).id);
  await stage.api.run(three);
  await stage.api.run(one);
  return { one };
}

async function homeAndInsights(stage) {
  const { one } = await busyInstance(stage);
  const page = await stage.openPage();
  await arrive(stage);
  const attention = page.getByRole("list", { name: "Needs attention" });
  await attention.getByRole("link", { name: "Break the checkout #2" }).waitFor();
  await page.getByRole("list", { name: "Running and queued" }).getByText("Take some time").waitFor();
  await page.getByRole("button", { name: "Pin Courier" }).click();
  await page.getByRole("button", { name: "Unpin Courier" }).waitFor();
  await page.reload();
  const projects = page.getByRole("list", { name: "Projects" });
  await projects.getByRole("link").first().waitFor();
  assert.equal(await projects.getByRole("link").first().textContent(), "Courier");
  await page.getByRole("button", { name: /^Put off: Break the checkout/ }).click();
  await stage.stop("what can be put off");
  await page.getByRole("menuitem", { name: "A day" }).click();
  await page.getByText("One matter is put off.").waitFor();
  await page.getByRole("button", { name: "Show again" }).click();
  await attention.getByRole("link", { name: "Break the checkout #2" }).waitFor();

  await page.keyboard.press("g");
  await page.keyboard.press("i");
  await page.getByRole("heading", { level: 1, name: "Insights" }).waitFor();
  await page.getByText("60 %", { exact: true }).waitFor();
  await page.getByRole("button", { name: "7 days" }).click();
  await page.waitForURL(/days=7/);
  const views = page.getByRole("group", { name: "View: Results by day" });
  await views.getByRole("button", { name: "Table" }).click();
  await page.getByRole("table", { name: "Results by day" }).waitFor();
  const [file] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: "Download Results by day as CSV" }).click(),
  ]);
  assert.equal(file.suggestedFilename(), "results-by-day.csv");
  await stage.go(`/projects/${one.project.id}/insights`);
  await page.getByText("Too few builds for insights").waitFor();
  await stage.stop("too few builds");
  await stage.go("/builds");
  await page.locator("[data-row]").first().waitFor();
  await page.keyboard.press("j");
  await page.keyboard.press(".");
  await page.getByRole("menu").waitFor();
  await stage.stop("actions of a row");
  await page.keyboard.press("Escape");
  await page.context().close();

  for (const [colorScheme, width, height] of LOOKS) {
    const own = await stage.openPage({ width, height, colorScheme });
    await arrive(stage);
    await own.getByRole("list", { name: "Projects" }).waitFor();
    await stage.stop(`home ${colorScheme} ${width}`);
    await stage.go("/insights");
    await own.getByText("60 %", { exact: true }).waitFor();
    await stage.stop(`insights ${colorScheme} ${width}`);
    await stage.go("/start");
    await own.getByRole("heading", { level: 1, name: "Build your app" }).waitFor();
    await own.getByRole("list", { name: "This machine" }).waitFor();
    await stage.stop(`start ${colorScheme} ${width}`);
    await own.context().close();
  }
}

export const journeys = [
  { name: "two clicks to the first build", run: twoClicks },
  { name: "home and insights", run: homeAndInsights },
];
