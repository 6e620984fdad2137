/** Without a pointer: the palette and the single keys lead everywhere, and several builds are handled at once. */
import assert from "node:assert/strict";
import { arrive, log, waitForLine, waitForStatus } from "../support/pages.mjs";
import { branch, makeRepository, pipelineFile } from "../support/repository.mjs";
import { waitFor } from "../support/wait.mjs";
import { dialog, toast } from "../support/widgets.mjs";

const heading = (page, name) => page.getByRole("heading", { level: 1, name });
const focused = (page) => page.evaluate(() => document.activeElement?.textContent ?? "");

async function palette(stage) {
  const { root } = await stage.startDaemon();
  const good = { ".oore.yaml": pipelineFile(["mkdir -p out && echo x > out/x"]) };
  const repository = makeRepository(root, "shop", "Fix checkout", good);
  const build = await stage.api.run(await stage.api.project(repository));
  await stage.api.ended(build.id);
  const page = await stage.openPage();
  await arrive(stage);
  const box = page.getByRole("combobox", { name: "Search and commands" });
  async function ask(text, option) {
    await page.keyboard.press("Control+k");
    await box.waitFor();
    await page.keyboard.type(text);
    await page.getByRole("option", { name: option }).first().waitFor();
  }
  await ask("checkout", /Fix checkout #1/);
  await stage.stop("palette with a build");
  await page.keyboard.press("Enter");
  await heading(page, "Fix checkout").waitFor();
  await waitForStatus(page, "Passed");
  await page.getByRole("button", { name: "Re-run" }).waitFor();
  await ask("re-run", /Re-run this build/);
  await page.keyboard.press("Enter");
  await page.waitForURL((url) => !url.pathname.endsWith(build.id));
  await page.getByRole("region", { name: "Facts" }).getByText("#2", { exact: true }).waitFor();
  await ask("shop", "Shop app");
  await page.keyboard.press("Enter");
  await heading(page, "Shop app").waitFor();
  await ask("people", /People/);
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/settings\/users/);
  await ask("theme dark", /Theme: Dark/);
  await page.keyboard.press("Enter");
  await waitFor("the dark theme", () =>
    page.evaluate(() => document.documentElement.dataset.theme === "dark"),
  );

  await page.keyboard.press("g");
  await page.keyboard.press("b");
  await heading(page, "Builds").waitFor();
  await page.getByRole("link", { name: "Fix checkout" }).first().waitFor();
  await page.keyboard.press("j");
  assert.equal(await focused(page), "Fix checkout");
  await page.keyboard.press("?");
  await dialog(page).getByText("Select the row").waitFor();
  await stage.stop("sheet of keys");
  await page.keyboard.press("Escape");
  await dialog(page).waitFor({ state: "detached" });
  await page.keyboard.press("c");
  await dialog(page).getByRole("combobox", { name: "Pipeline" }).waitFor();
  await stage.stop("which pipeline");
  await dialog(page).getByRole("button", { name: "Continue" }).press("Enter");
  await dialog(page).getByRole("button", { name: "Run build" }).press("Enter");
  await toast(page, "Build #3 queued").waitFor();
}

async function several(stage) {
  const { root } = await stage.startDaemon();
  const good = { ".oore.yaml": pipelineFile(["mkdir -p out && echo x > out/x"]) };
  const repository = makeRepository(root, "shop", "Works", good);
  branch(repository, "red", "Breaks", { ".oore.yaml": pipelineFile(["exit 1"]) });
  branch(repository, "slow", "Takes long", { ".oore.yaml": pipelineFile(["sleep 600"]) });
  const scene = await stage.api.project(repository);
  const green = await stage.api.run(scene);
  const red = await stage.api.run(scene, { branch: "red" });
  await stage.api.ended(green.id);
  await stage.api.ended(red.id);
  const slow = [
    await stage.api.run(scene, { branch: "slow" }),
    await stage.api.run(scene, { branch: "slow" }),
  ];
  const page = await stage.openPage();
  await arrive(stage, "/builds");
  await page.getByRole("button", { name: "Views: All builds" }).click();
  await page.getByRole("menuitemcheckbox", { name: "Waiting and running" }).click();
  await page.getByRole("searchbox", { name: "Branch" }).fill("slow");
  await page.waitForURL(/branch=slow/);
  await page.getByRole("button", { name: "Views: not saved" }).click();
  await stage.stop("views");
  await page.getByRole("menuitem", { name: "Save this view…" }).click();
  await dialog(page).getByRole("textbox", { name: "Name" }).fill("Slow ones");
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Views: Slow ones" }).waitFor();

  await waitFor("both slow builds", async () => (await page.getByRole("checkbox").count()) === 2);
  await page.locator("main#main").focus();
  for (const key of ["j", "x", "j", "x"]) await page.keyboard.press(key);
  const bar = page.getByRole("region", { name: "Selected builds" });
  await bar.getByText("2 selected").waitFor();
  await stage.stop("two ticked");
  await bar.getByRole("button", { name: "Cancel 2 builds" }).click();
  await stage.stop("cancel two?");
  await dialog(page).getByRole("button", { name: "Cancel 2 builds" }).click();
  await toast(page, "2 builds canceled").waitFor();
  for (const { id } of slow) assert.equal((await stage.api.ended(id)).status, "canceled");
  await bar.waitFor({ state: "detached" });

  await page.reload();
  await page.getByRole("button", { name: "Views: Slow ones" }).click();
  await page.getByRole("menuitemcheckbox", { name: "Group by commit" }).click();
  await page.getByRole("button", { name: "Views: not saved" }).click();
  await page.getByRole("menuitemcheckbox", { name: "All builds" }).click();
  await page.getByRole("checkbox", { name: /Works/ }).check();
  await page.getByRole("checkbox", { name: /Breaks/ }).check();
  await bar.getByRole("link", { name: "Compare" }).click();
  await heading(page, "Compare #1 with #2").waitFor();
  await page.getByText("They part at step build-1").waitFor();
  await stage.stop("two builds compared");
}

const LINES = 'for i in $(seq 1 400); do echo note $i; done; echo "lib/a.dart:1:2: Error: broken"; exit 3';

async function tools(stage) {
  const { root } = await stage.startDaemon();
  const file = { ".oore.yaml": pipelineFile(["echo first", LINES]) };
  const repository = makeRepository(root, "shop", "Break it", file);
  const build = await stage.api.run(await stage.api.project(repository));
  await stage.api.ended(build.id);
  const page = await stage.openPage();
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await arrive(stage, `/builds/${build.id}?view=log`);
  await waitForLine(page, "note 1");
  const sticky = page.locator(".log-sticky");
  assert.equal(await sticky.isVisible(), false);
  await page.keyboard.press("e");
  await waitForLine(page, "Error: broken");
  await sticky.getByText("build-2").waitFor();
  await page.locator(".log-map-error").first().waitFor();
  await page.keyboard.press("t");
  await waitFor("times since the step began", async () =>
    (await page.locator(".log-row .log-time").allTextContents()).some((text) => /^\+0:0\d$/.test(text)),
  );
  await stage.stop("error with its step's heading, map and times");

  const map = await page.locator(".log-map").boundingBox();
  await page.mouse.click(map.x + map.width / 2, map.y + map.height * 0.4);
  await waitForLine(page, "note 150");
  await page.getByRole("button", { name: "Whole words" }).click();
  await page.getByRole("searchbox", { name: "Search the log" }).fill("note 1");
  await page.getByText("1 of 1 lines").waitFor();
  await page.keyboard.press("Escape");

  await page.locator(".log-number", { hasText: /^3$/ }).first().click();
  await page.waitForURL(/#L3$/);
  await page.getByRole("button", { name: "Copy", exact: true }).click();
  await page.getByRole("menuitem", { name: "Copy as Markdown" }).click();
  await toast(page, "Copied").waitFor();
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  assert.ok(copied.includes(`${page.url()})`), copied);

  await log(page).focus();
  await page.keyboard.press("m");
  await waitFor("the log over the whole window", async () => (await log(page).boundingBox()).y < 160);
  const isReachable = () => page.evaluate(() => !document.querySelector("header").inert);
  assert.equal(await isReachable(), false, "what is behind can't be reached");
  await stage.stop("log over the whole window");
  await page.keyboard.press("Escape");
  await waitFor("the page to be back", isReachable);
  await page.keyboard.press("e");
  await waitForLine(page, "Error: broken");
  await sticky.getByRole("button").click();
  await waitFor("the step to be folded where its heading is", async () =>
    /400|401|402/.test(await page.locator(".log-rows .log-heading").last().textContent()),
  );
}

export const journeys = [
  { name: "palette and single keys lead everywhere", run: palette },
  { name: "several builds at once, saved views, a comparison", run: several },
  { name: "tools of the log: map, heading, times, Markdown, whole window", run: tools },
];
