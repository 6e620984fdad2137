/** An external runner joins by the command of the page, with a program of its own, is renamed, and is removed. */
import assert from "node:assert/strict";
import { Machine } from "../support/machine.mjs";
import { arrive } from "../support/pages.mjs";
import { dialog } from "../support/widgets.mjs";

async function runners(stage) {
  await stage.startDaemon({ OORED_RUNNER_MODE: "hybrid" });
  await stage.api.signIn();
  const page = await stage.openPage();
  await arrive(stage, "/runners");
  await stage.stop("list");
  await page.getByRole("link", { name: "Add a runner" }).click();
  await page.getByRole("button", { name: "Make the command" }).click();
  const command = await page.getByText(/^oore runner register /).textContent();
  await stage.stop("the command");

  const machine = stage.neighbour(new Machine());
  machine.run([...command.split(" ").slice(1), "--name", "spare mac"]);
  await page.getByText("spare mac is registered; it appears when it is started.").waitFor();
  machine.start();
  await page.getByText("spare mac is here.").waitFor();
  await stage.stop("the runner is here");
  await page.getByRole("link", { name: "Show spare mac" }).click();
  await page.getByRole("heading", { level: 1, name: "spare mac" }).waitFor();
  await page
    .getByRole("list", { name: "Doctor report" })
    .getByText(/^git \d/)
    .waitFor();
  await stage.stop("its page");

  await page.getByRole("button", { name: "Rename" }).click();
  await dialog(page).getByRole("textbox", { name: "Name" }).fill("spare linux");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { level: 1, name: "spare linux" }).waitFor();
  await page.getByRole("button", { name: "Remove" }).click();
  await stage.stop("before removing");
  await dialog(page).getByRole("button", { name: "Remove" }).click();
  await page.getByText("local-embedded-runner").waitFor();
  assert.equal(await page.getByRole("link", { name: "spare linux" }).count(), 0);
}

export const journeys = [{ name: "an external runner is added, renamed and removed", run: runners }];
