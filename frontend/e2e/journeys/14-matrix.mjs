/** A matrix from the run dialog: one build for each combination, and one of them goes on from the step that failed. */

import assert from "node:assert/strict";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { arrive, waitForLine, waitForStatus } from "../support/pages.mjs";
import { makeRepository } from "../support/repository.mjs";

const file = (flag) =>
  [
    "version: 2",
    "platforms: [android]",
    "matrix:",
    "  flavor: [dev, prod]",
    "artifacts: {patterns: []}",
    "steps:",
    "  - {name: Prepare, run: 'echo preparing $OORE_MATRIX_FLAVOR'}",
    `  - {name: Deploy, run: "echo deploying; test -e ${flag}", if: matrix.flavor == 'prod'}`,
    "",
  ].join("\n");

async function matrix(stage) {
  const { root } = await stage.startDaemon();
  const flag = join(root, "flag");
  assert.ok(!existsSync(flag));
  const repository = makeRepository(root, "shop", "Add a matrix", { ".oore.yaml": file(flag) });
  const { project } = await stage.api.project(repository);
  const page = await stage.openPage();
  await arrive(stage, `/projects/${project.id}`);
  await page.getByRole("button", { name: /^Run / }).first().click();
  const dialog = page.getByRole("dialog");
  await dialog.getByText("Starts 2 builds, one for each combination of the matrix.").waitFor();
  await stage.stop("run dialog with a matrix");
  await dialog.getByRole("button", { name: "Run build" }).click();
  await page.getByText("2 builds queued").waitFor();

  await arrive(stage, "/builds");
  const row = page.getByRole("listitem").filter({ hasText: "prod" }).filter({ hasText: "#2" });
  await row.getByRole("link", { name: "Add a matrix" }).click();
  await waitForStatus(page, "Failed");
  const siblings = page.getByRole("list", { name: "All builds of this matrix" });
  await siblings.getByText("Passed").waitFor();
  await stage.stop("failed build of a matrix");

  writeFileSync(flag, "");
  await page.getByRole("button", { name: "Other ways to start again" }).click();
  await page.getByRole("menuitem", { name: "From the failed step: Deploy" }).click();
  await page.getByRole("region", { name: "Facts" }).getByText("#3", { exact: true }).waitFor();
  await waitForStatus(page, "Passed");
  const runs = page.getByRole("button", { name: /^Run \d of 2/ });
  await runs.waitFor();
  await siblings.getByRole("link", { name: "prod #3" }).waitFor();
  // It may be over before its page is there.
  await page.keyboard.press("2");
  await waitForLine(page, "deploying");
  await stage.stop("build that went on");
  await runs.press("Enter");
  await page.getByRole("menuitemcheckbox", { name: "#3 Passed · from Deploy" }).waitFor();
  await stage.stop("runs of the same");
  await page.getByRole("menuitemcheckbox", { name: "#2 Failed" }).press("Enter");
  await waitForStatus(page, "Failed");
}

export const journeys = [{ name: "a matrix is built and one of its builds goes on", run: matrix }];
