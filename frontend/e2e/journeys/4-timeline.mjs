/** Where the time of a build went, while it runs and after, with the keyboard and on a phone. */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { arrive, log, waitForStatus } from "../support/pages.mjs";
import { makeRepository, pipelineFile } from "../support/repository.mjs";
import { waitFor } from "../support/wait.mjs";

async function timeline(stage) {
  const { root } = await stage.startDaemon();
  const gate = join(root, "go-on");
  const build = [
    `until [ -e ${gate} ]; do sleep 0.1; done; echo through the gate`,
    "mkdir out && echo quick > out/quick.txt",
  ];
  const repository = makeRepository(root, "shop", "Take a while", { ".oore.yaml": pipelineFile(build) });
  const { id } = await stage.api.run(await stage.api.project(repository));
  const page = await stage.openPage();
  await arrive(stage, `/builds/${id}?view=timeline`);
  const row = (name) => page.getByRole("row", { name: new RegExp(name) });
  await row("build-1").getByText("Running").waitFor();
  await stage.stop("timeline of a running build");
  writeFileSync(gate, "");
  await waitForStatus(page, "Passed");
  await row("build-2").getByText("Passed").waitFor();
  await row("build-1").getByText("longest").waitFor();
  await stage.stop("timeline of a finished build");

  await page.setViewportSize({ width: 390, height: 844 });
  await stage.stop("timeline on a phone");
  await page.getByRole("link", { name: "build-1" }).focus();
  await page.keyboard.press("Enter");
  await log(page).waitFor();
  await waitFor("the step's log", () => page.locator(".log-selected").count());
  assert.match(page.url(), /step=build-1#L1$/);
}

export const journeys = [{ name: "the timeline of a build", run: timeline }];
