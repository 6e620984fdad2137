/** A million lines from a real step: all of it can be reached, searched, timed and folded, and errors are jumped to. */
import assert from "node:assert/strict";
import { arrive, log, rowTexts, waitForLine, waitForStatus } from "../support/pages.mjs";
import { makeRepository, pipelineFile } from "../support/repository.mjs";
import { waitFor } from "../support/wait.mjs";

const LINES = 1_000_000;
const MOST_NODES = 1_500;
const FIRST = "lib/main.dart:12:3: Error: Expected ; after this.";
const SECOND = "error: the second one";

const BUILD = [
  `echo "${FIRST}"; seq 1 ${LINES}`,
  `seq 1 40; sleep 1.2; echo "${SECOND}"; printf "no newline at the end"; exit 3`,
];

const currentLine = (page) => page.locator(".log-row.log-current .log-text").first().textContent();

async function millionLines(stage) {
  const { root } = await stage.startDaemon();
  const repository = makeRepository(root, "shop", "Print a million", { ".oore.yaml": pipelineFile(BUILD) });
  const { id } = await stage.api.run(await stage.api.project(repository));
  await stage.api.ended(id, 120_000);
  const page = await stage.openPage();
  await arrive(stage, `/builds/${id}`);
  await waitForStatus(page, "Failed");
  await page
    .getByRole("region", { name: /Why it failed/ })
    .getByRole("button", { name: /the second one/ })
    .waitFor();
  await page.keyboard.press("2");
  await waitFor("all lines to be counted", () => page.getByText(/^1,000,0\d\d lines$/).count());

  await log(page).focus();
  await page.keyboard.press("Home");
  await waitForLine(page, FIRST);
  for (const share of [0.25, 0.5, 0.75, 0.9]) {
    await log(page).evaluate((element, part) => {
      element.scrollTop = (element.scrollHeight - element.clientHeight) * part;
    }, share);
    const near = new RegExp(`^${Math.round(LINES * share * 1e-4)}\\d{4}$`);
    await waitFor(`lines near ${share}`, async () => (await rowTexts(page)).some((line) => near.test(line)));
  }
  const nodes = await page.evaluate(() => document.querySelectorAll("*").length);
  assert.ok(nodes <= MOST_NODES, `${nodes} nodes`);
  await page.keyboard.press("End");
  await waitForLine(page, "no newline at the end");
  await stage.stop("end of a million lines");

  await page.keyboard.press("e");
  await waitFor("the first error", async () => (await currentLine(page)) === FIRST);
  await page.keyboard.press("e");
  await waitFor("the second error", async () => (await currentLine(page)) === SECOND);
  await page.keyboard.press("E");
  await waitFor("the first error again", async () => (await currentLine(page)) === FIRST);

  await page.getByRole("button", { name: "Times: Off" }).click();
  await page.getByRole("menuitemcheckbox", { name: "Clock" }).click();
  const times = () =>
    page.locator(".log-row .log-time").evaluateAll((cells) => cells.map((cell) => cell.textContent));
  await waitFor("times of lines that came in bulk", async () =>
    (await times()).some((time) => /\d\d:\d\d:\d\d/.test(time)),
  );

  await page.keyboard.press("z");
  await log(page).focus();
  await page.keyboard.press("Home");
  await waitFor("folded steps to have no lines", async () =>
    (await rowTexts(page)).every((line) => line !== FIRST),
  );
  await stage.stop("folded steps");
  await page.keyboard.press("e");
  await waitFor("an error in a folded step to be shown", async () => (await rowTexts(page)).includes(SECOND));
}

/** A phone holds the beginning of a long log; what is beyond is found by the daemon. */
async function smallDevice(stage) {
  const { root } = await stage.startDaemon();
  const build = ['seq -f "line number %.0f of a log that is too long for a small device" 1 400000'];
  const repository = makeRepository(root, "shop", "Print a lot", { ".oore.yaml": pipelineFile(build) });
  const { id } = await stage.api.run(await stage.api.project(repository));
  await stage.api.ended(id, 120_000);
  const page = await stage.openPage({ width: 390, height: 844, pointer: "coarse" });
  await arrive(stage, `/builds/${id}?view=log`);
  await page.getByText(/larger than this page can hold/).waitFor();
  await page.getByRole("searchbox", { name: "Search the log" }).fill("number 39999");
  const beyond = page.getByRole("region", { name: "In the part that is not shown here" });
  await beyond.getByText("line number 399990 of", { exact: false }).waitFor();
  assert.equal(await beyond.getByRole("listitem").count(), 10);
  assert.match(await beyond.getByRole("listitem").first().textContent(), /^build-1:39[89],99\d/);
  await stage.stop("search beyond what a phone holds");
}

export const journeys = [
  { name: "1,000,000 lines of log", run: millionLines },
  { name: "a log that is too long for a phone", run: smallDevice },
];
