/** The build list: filters live in the address, Back and Forward go through them, new builds come in by themselves. */
import assert from "node:assert/strict";
import { arrive } from "../support/pages.mjs";
import { branch, makeRepository, pipelineFile } from "../support/repository.mjs";
import { waitFor } from "../support/wait.mjs";

const good = { ".oore.yaml": pipelineFile(["mkdir -p out && echo x > out/x"]) };
const bad = { ".oore.yaml": pipelineFile(["exit 1"]) };

const subjects = (page) =>
  page.getByRole("list", { name: "Builds" }).locator("li p:first-child a").allTextContents();

async function list(stage) {
  const { root } = await stage.startDaemon();
  const repository = makeRepository(root, "shop", "Works", good);
  branch(repository, "risky", "Fails on purpose", bad);
  const scene = await stage.api.project(repository);
  const passed = await stage.api.run(scene);
  const failed = await stage.api.run(scene, { branch: "risky" });
  await stage.api.ended(passed.id);
  await stage.api.ended(failed.id);
  const page = await stage.openPage();
  await arrive(stage, "/builds");
  const shows = (...expected) =>
    waitFor(`the list to be ${expected.join(", ") || "empty"}`, async () => {
      const shown = await subjects(page);
      return JSON.stringify(shown) === JSON.stringify(expected);
    });
  await shows("Fails on purpose", "Works");
  await stage.stop("all builds");

  await page.getByRole("button", { name: "Failed", exact: true }).click();
  await shows("Fails on purpose");
  assert.equal(new URL(page.url()).search, "?status=failed");
  await page.getByRole("combobox", { name: "Project" }).selectOption({ label: "Shop app" });
  await page.getByRole("combobox", { name: "Pipeline" }).selectOption({ label: "Main" });
  await shows("Fails on purpose");
  await page.getByRole("button", { name: "Failed", exact: true }).click();
  await shows("Fails on purpose", "Works");
  await page.goBack();
  await shows("Fails on purpose");
  await page.goBack();
  await page.goBack();
  await page.goBack();
  await shows("Fails on purpose", "Works");
  assert.equal(new URL(page.url()).search, "");
  await page.goForward();
  await shows("Fails on purpose");
  await page.reload();
  await shows("Fails on purpose");
  await page.goBack();

  const search = page.getByRole("searchbox", { name: "Search builds" });
  await page.locator("main#main").focus();
  await page.keyboard.press("/");
  await search.pressSequentially("works");
  await shows("Works");
  await search.fill("no such thing");
  await page.getByText("Nothing matches").waitFor();
  await stage.stop("nothing matches");
  await page.getByRole("button", { name: "Clear filters" }).click();
  await shows("Fails on purpose", "Works");
  await page.getByRole("searchbox", { name: "Branch" }).fill("risky");
  await shows("Fails on purpose");
  await page.getByRole("searchbox", { name: "Branch" }).fill("");
  await page.getByRole("combobox", { name: "Sort by" }).selectOption({ label: "Oldest first" });
  await shows("Works", "Fails on purpose");
  await page.getByRole("combobox", { name: "Sort by" }).selectOption({ label: "Newest first" });

  await stage.api.run(scene);
  await waitFor(
    "the new build to come in by itself",
    async () => (await subjects(page)).length === 3,
    10_000,
  );
  await page.getByRole("link", { name: "Fails on purpose" }).click();
  await page.getByRole("heading", { level: 1, name: "Fails on purpose" }).waitFor();
  await page.goBack();
  await waitFor("the list to be back", async () => (await subjects(page)).length === 3);
  await stage.stop("list with a new build");
}

/** How tall the rows of the list are, the tallest one. */
const tallest = (page) =>
  page
    .getByRole("list", { name: "Builds" })
    .locator("li")
    .evaluateAll((rows) => Math.max(...rows.map((row) => row.getBoundingClientRect().height)));

async function compactRows(stage) {
  const { root } = await stage.startDaemon();
  const scene = await stage.api.project(makeRepository(root, "shop", "Works", good));
  await stage.api.ended((await stage.api.run(scene)).id);
  async function choose(page) {
    await arrive(stage, "/me");
    const before = page.getByRole("radio", { name: "Comfortable" });
    await before.waitFor();
    assert.ok(await before.isChecked());
    await page.getByRole("radio", { name: /^Compact/ }).check();
    await arrive(stage, "/builds");
    await page.getByRole("link", { name: "Works" }).waitFor();
  }
  const wide = await stage.openPage();
  await choose(wide);
  assert.ok((await tallest(wide)) <= 36, `a compact row is ${await tallest(wide)} px tall`);
  await stage.stop("compact rows");
  await wide.reload();
  await wide.getByRole("link", { name: "Works" }).waitFor();
  assert.ok((await tallest(wide)) <= 36);
  const phone = await stage.openPage({ width: 390, height: 844, pointer: "coarse" });
  await choose(phone);
  assert.ok((await tallest(phone)) >= 44);
  await stage.stop("compact rows under fingers");
}

export const journeys = [
  { name: "build list: filters, back and forward", run: list },
  { name: "build list: compact rows", run: compactRows },
];
