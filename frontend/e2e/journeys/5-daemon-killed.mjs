/** kill -9 of the daemon in the middle of a build: the page says so, comes back by itself, and no line is lost or doubled. */
import assert from "node:assert/strict";
import { arrive, log, ticksOnPage, waitForLine, waitForStatus } from "../support/pages.mjs";
import { makeRepository, pipelineFile } from "../support/repository.mjs";
import { waitFor } from "../support/wait.mjs";

const TICKS = 90;
const BANNER_LIMIT_MS = 6_000;
const LIVE_LIMIT_MS = 8_000;

const counting = (from, to) => Array.from({ length: to - from + 1 }, (_, i) => from + i);

/** Every tick that the page can show, read from top to bottom. */
async function allTicks(page) {
  const seen = [];
  await log(page).focus();
  await page.keyboard.press("Home");
  for (let i = 0; i < 30; i++) {
    await page.waitForTimeout(120);
    for (const tick of await ticksOnPage(page)) {
      if (!seen.includes(tick)) seen.push(tick);
    }
    if (seen.includes(TICKS)) break;
    await page.keyboard.press("PageDown");
  }
  return seen;
}

async function killed(stage) {
  const { root } = await stage.startDaemon();
  const build = [
    `for i in $(seq 1 ${TICKS}); do echo tick $i; sleep 0.15; done; mkdir -p out; echo x > out/x`,
  ];
  const repository = makeRepository(root, "shop", "Count slowly", { ".oore.yaml": pipelineFile(build) });
  const { id } = await stage.api.run(await stage.api.project(repository));
  const page = await stage.openPage();
  await arrive(stage, `/builds/${id}`);
  await waitForLine(page, "tick 10");

  await stage.daemonAway(() => stage.daemon.killHard());
  await page
    .getByText(/reconnecting/i)
    .first()
    .waitFor({ timeout: BANNER_LIMIT_MS });
  await page
    .getByText(/Unreachable|Instance unreachable/)
    .first()
    .waitFor({ timeout: BANNER_LIMIT_MS });
  await stage.picture("daemon away");
  await page.waitForTimeout(1_500);

  const before = Math.max(...(await ticksOnPage(page)));
  await stage.daemon.start();
  await waitFor(
    "the log to move on",
    async () => Math.max(...(await ticksOnPage(page))) > before,
    LIVE_LIMIT_MS,
  );
  await page.getByText("Live", { exact: true }).first().waitFor({ timeout: LIVE_LIMIT_MS });
  stage.daemonBack();
  await waitForStatus(page, "Passed");
  await waitForLine(page, `tick ${TICKS}`);
  assert.deepEqual(await allTicks(page), counting(1, TICKS), "no gap and no duplicate on the page");
  const raw = (await stage.api.rawLog(id)).split("\n").filter((line) => /^tick \d+$/.test(line));
  assert.deepEqual(
    raw,
    counting(1, TICKS).map((tick) => `tick ${tick}`),
  );
  const numbers = await page.locator(".log-row .log-number").allTextContents();
  assert.equal(new Set(numbers).size, numbers.length);
  await stage.stop("after the restart");
}

export const journeys = [{ name: "daemon killed in the middle of a build", run: killed }];
