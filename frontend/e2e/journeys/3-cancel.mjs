/** Cancel ends a build with all its children, and the page says so at once. */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { arrive, waitForLine, waitForStatus } from "../support/pages.mjs";
import { makeRepository, pipelineFile } from "../support/repository.mjs";
import { waitFor } from "../support/wait.mjs";

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return !readFileSync(`/proc/${pid}/stat`, "utf8").includes(") Z ");
  } catch {
    return false;
  }
}

async function cancel(stage) {
  const { root } = await stage.startDaemon();
  const pids = join(root, "pids");
  const build = [
    `(sleep 600 & echo $! >> ${pids}; sleep 600) & echo $! >> ${pids}; echo $$ >> ${pids}; echo children started; wait`,
  ];
  const repository = makeRepository(root, "shop", "Never ends", { ".oore.yaml": pipelineFile(build) });
  const { id } = await stage.api.run(await stage.api.project(repository));
  const page = await stage.openPage();
  await arrive(stage, `/builds/${id}`);
  await waitForLine(page, "children started");
  await waitFor(
    "the children to be known",
    () => existsSync(pids) && readFileSync(pids, "utf8").split("\n").length > 3,
  );
  await stage.stop("running with children");

  await page.getByRole("button", { name: "Cancel build" }).click();
  await waitForStatus(page, "Canceled", 3_000);
  const ended = await stage.api.ended(id);
  assert.equal(ended.status, "canceled");
  const started = readFileSync(pids, "utf8").trim().split("\n").map(Number);
  await waitFor("all children to be gone", () => started.every((pid) => !isAlive(pid)), 15_000);
  await page.getByRole("button", { name: "Re-run" }).waitFor();
  await stage.stop("canceled build");
}

async function lastWords(stage) {
  const { root } = await stage.startDaemon();
  const build = [
    "trap 'sleep 1; echo last words; exit 1' INT TERM; echo started; while :; do sleep 0.1; done",
  ];
  const repository = makeRepository(root, "shop", "Says good-bye", { ".oore.yaml": pipelineFile(build) });
  const { id } = await stage.api.run(await stage.api.project(repository));
  const page = await stage.openPage();
  await arrive(stage, `/builds/${id}`);
  await waitForLine(page, "started");
  await page.getByRole("button", { name: "Cancel build" }).click();
  await waitForStatus(page, "Canceled", 3_000);
  await waitForLine(page, "last words", 15_000);
  await page.getByText("Complete", { exact: true }).waitFor();
}

export const journeys = [
  { name: "what a cancelled step says last is shown", run: lastWords },
  { name: "cancel ends a build and its children", run: cancel },
];
