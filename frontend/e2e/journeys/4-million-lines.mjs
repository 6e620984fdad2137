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

const numberOf = (page, text) =>
  page.locator(".log-row:has(.log-text)", { hasText: text }).first().locator(".log-number").textContent();

/** A phone holds a part of a long log: its end first, others on demand; what is beyond is found by the daemon. */
async function smallDevice(stage) {
  const { root } = await stage.startDaemon();
  const build = [
    "seq -f 'early number %.0f' 1 1000",
    'seq -f "line number %.0f of a log that is too long for a small device" 1 400000',
    "mkdir -p out && echo x > out/x",
  ];
  const repository = makeRepository(root, "shop", "Print a lot", { ".oore.yaml": pipelineFile(build) });
  const { id } = await stage.api.run(await stage.api.project(repository));
  await stage.api.ended(id, 120_000);
  const page = await stage.openPage({ width: 390, height: 844, pointer: "coarse" });
  await arrive(stage, `/builds/${id}?view=log`);
  const part = page.getByRole("region", { name: "Part of the log" });
  await part.getByText(/^Showing the last 1\d\d,\d{3} of 401,0\d\d lines$/).waitFor();
  await log(page).focus();
  await page.keyboard.press("End");
  await waitForLine(page, "line number 400000 of");
  assert.equal(await numberOf(page, "line number 400000 of"), "400001");
  await stage.stop("end of a log on a phone");

  await part.getByRole("button", { name: "Load earlier" }).click();
  await part.getByText(/^Showing lines 1\d\d,\d{3} to [23]\d\d,\d{3} of 401,0\d\d$/).waitFor();
  await stage.stop("earlier part on a phone");
  await page
    .getByRole("navigation", { name: "Steps" })
    .getByRole("button", { name: /build-1/ })
    .click();
  await part.getByText(/^Showing lines 1 to/).waitFor();
  await waitForLine(page, "early number 1");
  await part.getByRole("button", { name: "To the end" }).click();
  await waitForLine(page, "line number 400000 of");

  await page.getByRole("searchbox", { name: "Search the log" }).fill("number 999");
  const beyond = page.getByRole("region", { name: "In the part that is not shown here" });
  await beyond.getByText("early number 999", { exact: false }).waitFor();
  await stage.stop("search beyond what a phone holds");
  await beyond
    .getByRole("button", { name: /^build-2:99,9\d\d/ })
    .first()
    .click();
  await waitFor("the match to be gone to", async () => /number 999\d\d of/.test(await currentLine(page)));

  await page.goto(`${stage.daemon.origin}/builds/${id}?view=log&step=build-2#L1000-L1002`);
  await page.reload();
  await waitFor(
    "three lines of the middle to be selected",
    async () => (await page.locator(".log-selected").count()) === 3,
  );
  assert.equal(await numberOf(page, "line number 1000 of"), "1001");
}

/** The end of a log goes on arriving after the beginning had to go. */
async function liveOnSmallDevice(stage) {
  const { root } = await stage.startDaemon();
  const print = (from, to) =>
    `seq -f "line number %.0f of a log that is too long for a small device" ${from} ${to}`;
  const build = [
    `${print(1, 200_000)}; sleep 6; ${print(200_001, 500_000)}; sleep 5; echo "the very end" | tr a-z A-Z`,
    "mkdir -p out && echo x > out/x",
  ];
  const repository = makeRepository(root, "shop", "Print a lot", { ".oore.yaml": pipelineFile(build) });
  const { id } = await stage.api.run(await stage.api.project(repository));
  const page = await stage.openPage({ width: 390, height: 844, pointer: "coarse" });
  await arrive(stage, `/builds/${id}?view=log`);
  await waitForLine(page, "line number 200000 of");
  const part = page.getByRole("region", { name: "Part of the log" });
  await part.getByText(/^Showing the last [12]\d\d,\d{3} of 500,\d{3} lines$/).waitFor({ timeout: 60_000 });
  await waitForLine(page, "THE VERY END");
  assert.equal(await numberOf(page, "THE VERY END"), "500002");
  await waitForStatus(page, "Passed");
  await stage.stop("live log that outgrew a phone");
}

export const journeys = [
  { name: "1,000,000 lines of log", run: millionLines },
  { name: "a log that is too long for a phone", run: smallDevice },
  { name: "a live log that outgrows a phone", run: liveOnSmallDevice },
];
