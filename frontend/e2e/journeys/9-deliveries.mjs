/** Deliveries of webhooks: the list with its filters, one with its verdicts, and what a replay is answered. */
import assert from "node:assert/strict";
import { deliver } from "../support/deliveries.mjs";
import { arrive } from "../support/pages.mjs";
import { makeRepository, pipelineFile } from "../support/repository.mjs";
import { waitFor } from "../support/wait.mjs";

async function list(stage) {
  await stage.startDaemon();
  await stage.api.signIn();
  const page = await stage.openPage();
  await arrive(stage, "/settings/deliveries");
  await page.getByText("No webhook has arrived yet").waitFor();
  await stage.stop("no deliveries");

  const files = { ".oore.yaml": pipelineFile(["true"]) };
  const repository = makeRepository(stage.daemon.root, "shop", "first commit", files);
  const { project, pipeline } = await stage.api.project(repository);
  const verdict = { project: project.id, pipeline: pipeline.id };
  deliver(stage.daemon, {
    event: "push",
    ref: "refs/heads/feature/x",
    verdict,
    outcome: "filtered",
    reason: "branch feature/x does not match main, release/*",
  });
  deliver(stage.daemon, {
    event: "ping",
    outcome: "ignored",
    reason: "the code host tried out whether it reaches this instance: it does",
  });
  deliver(stage.daemon, {
    event: "push",
    ref: "refs/heads/main",
    verdict,
    outcome: "failed",
    reason: "the code host did not answer",
  });
  await page.reload();
  const rows = page.getByRole("list", { name: "Deliveries" }).getByRole("listitem");
  await waitFor("three deliveries", async () => (await rows.count()) === 3);
  await rows.filter({ hasText: "branch feature/x does not match main, release/*" }).waitFor();
  await stage.stop("deliveries");

  await page.getByRole("combobox", { name: "Outcome" }).selectOption({ label: "Not wanted" });
  await waitFor("one delivery", async () => (await rows.count()) === 1);
  assert.equal(new URL(page.url()).search, "?outcome=filtered");
  await page.getByRole("searchbox", { name: "Repository, branch or person" }).fill("nowhere");
  await page.getByText("Nothing matches").waitFor();
  await stage.stop("no delivery fits");
  await page.getByRole("button", { name: /^Repository, branch or person: nowhere/ }).click();
  await rows.first().getByRole("link").click();
  await page.getByRole("heading", { level: 1, name: "GitHub: push" }).waitFor();
  await page.getByRole("list", { name: "What came of it" }).getByText("does not match").waitFor();
  await page.getByText("acme/app").waitFor();
  await stage.stop("a delivery");
  await page.setViewportSize({ width: 390, height: 844 });
  await stage.stop("a delivery on a phone");
  await page.goBack();
  await rows.first().waitFor();
  await stage.stop("deliveries on a phone");
  stage.tolerate(/status of 404 .*webhook-deliveries/);
  await page.goto(`${stage.daemon.origin}/settings/deliveries/00000000-0000-7000-8000-000000000000`);
  await page.getByText("This delivery does not exist").waitFor();
  await stage.stop("no such delivery");
}

export const journeys = [{ name: "deliveries: list, filters, verdicts", run: list }];
