/** A log of 100,000 lines: scroll, search, jump, link, wrap; the page never holds more than a screenful of it. */
import assert from "node:assert/strict";
import { arrive, log, rowTexts, waitForLine, waitForStatus } from "../support/pages.mjs";
import { makeRepository, pipelineFile } from "../support/repository.mjs";
import { waitFor } from "../support/wait.mjs";

const LINES = 100_000;
const MOST_NODES = 1_500;

const BUILD = [
  `seq 1 ${LINES} | awk '{ printf "\\033[32m[+%d ms]\\033[0m executing task number %d of the long build\\n", $1, $1 }'`,
  "mkdir -p out && echo x > out/x && echo the end",
];

/** Lines that browsers like to break elsewhere than at a column, or whose characters come from other fonts. */
const AWKWARD = [
  "(),.;:!?)]}» ",
  "漢字かな交じり文",
  "한국어 ",
  "🚀✅⚠️ ",
  "a  b    spaces   ",
  "→ ✓ ▸ … ",
].map((text) => text.repeat(40));

async function assertBounded(page, when) {
  const nodes = await page.evaluate(() => document.querySelectorAll("*").length);
  assert.ok(nodes <= MOST_NODES, `${nodes} nodes ${when}`);
}

async function longLog(stage) {
  const { root } = await stage.startDaemon();
  const repository = makeRepository(root, "shop", "Print a lot", { ".oore.yaml": pipelineFile(BUILD) });
  const { id } = await stage.api.run(await stage.api.project(repository));
  await stage.api.ended(id, 120_000);
  const page = await stage.openPage();
  await arrive(stage, `/builds/${id}?view=log`);
  await waitForStatus(page, "Passed");
  await waitFor("all lines to be counted", () => page.getByText(/^100,0\d\d lines$/).count());
  await stage.stop("long log");

  const width = async () => (await log(page).boundingBox()).width;
  const beside = await width();
  await page.keyboard.press("s");
  const isWider = async () => (await width()) > beside + 150;
  await waitFor("the log to take the room of the steps", isWider);
  await stage.stop("long log without steps");
  await page.reload();
  await waitFor("the steps to stay away", isWider);
  await page.getByRole("button", { name: "Steps", expanded: false }).click();
  await waitFor("the steps to be back", async () => (await width()) === beside);

  await log(page).focus();
  await page.keyboard.press("End");
  await waitForLine(page, "the end");
  await assertBounded(page, "at the end");
  await page.keyboard.press("Home");
  await waitForLine(page, "task number 1 of");
  for (const share of [0.25, 0.5, 0.75, 0.9]) {
    await log(page).evaluate((element, part) => {
      element.scrollTop = (element.scrollHeight - element.clientHeight) * part;
    }, share);
    const near = String(Math.round((LINES * share) / 1_000));
    await waitFor(`lines near ${share}`, async () =>
      (await rowTexts(page)).some((line) => line.includes(`number ${near}`)),
    );
  }
  await assertBounded(page, "after dragging");

  await page.keyboard.press("/");
  const search = page.getByRole("searchbox", { name: "Search the log" });
  await search.fill("number 77777 of");
  await page.getByText("1 of 1 lines").waitFor();
  await waitForLine(page, "number 77777 of");
  assert.equal(await page.locator(".log-row mark").first().textContent(), "number 77777 of");
  await page.getByRole("button", { name: "Regular expression" }).click();
  await search.fill("number 5000\\d ");
  await page.getByText("1 of 10 lines").waitFor();
  await search.press("Enter");
  await page.getByText("2 of 10 lines").waitFor();
  await search.fill("number (");
  await page.getByText(/Not a valid pattern/).waitFor();
  await stage.stop("bad pattern");
  await search.fill("");

  await page.goto(`${stage.daemon.origin}/builds/${id}?step=build-1#L99990-L99992`);
  await page.reload();
  await waitFor(
    "three lines to be selected",
    async () => (await page.locator(".log-selected").count()) === 3,
  );
  await waitForLine(page, "number 99990 of");
  await page.getByRole("button", { name: "Wrap lines" }).click();
  await log(page).focus();
  await page.keyboard.press("End");
  await waitForLine(page, "the end");
  await assertBounded(page, "with lines wrapped");
  await stage.stop("wrapped");

  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: "Download log" }).click(),
  ]);
  assert.ok((await download.path()) !== null);
}

/** How far the text of each row reaches below its row, in pixels: nothing, if it was measured right. */
const overlaps = (page) =>
  page.locator(".log-row:has(.log-text)").evaluateAll((rows) =>
    rows.map((row) => {
      const text = document.createRange();
      text.selectNodeContents(row.querySelector(".log-text"));
      const bottoms = [...text.getClientRects()].map(({ bottom }) => bottom);
      return Math.max(0, Math.max(...bottoms) - row.getBoundingClientRect().bottom);
    }),
  );

async function wrappedLines(stage) {
  const { root } = await stage.startDaemon();
  const build = ["cat awkward.txt", "mkdir -p out && echo x > out/x && echo the end"];
  const files = { ".oore.yaml": pipelineFile(build), "awkward.txt": `${AWKWARD.join("\n")}\n` };
  const repository = makeRepository(root, "shop", "Print awkward lines", files);
  const { id } = await stage.api.run(await stage.api.project(repository));
  await stage.api.ended(id);
  for (const [width, height] of [
    [1440, 900],
    [390, 3_000],
  ]) {
    const page = await stage.openPage({ width, height });
    await arrive(stage, `/builds/${id}?view=log`);
    await waitForLine(page, "the end");
    if (width > 1_000) await page.keyboard.press("w");
    await log(page).focus();
    await page.keyboard.press("Home");
    await waitFor("all lines to be shown", async () => (await rowTexts(page)).length >= AWKWARD.length + 3);
    assert.deepEqual(new Set(await overlaps(page)), new Set([0]));
    await stage.stop(`awkward lines at ${width}`);
  }
}

export const journeys = [
  { name: "100,000 lines of log", run: longLog },
  { name: "lines that are hard to wrap", run: wrappedLines },
];
