/** Where artifacts go, how long they stay, and who is told: the settings of whoever runs the instance. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { arrive } from "../support/pages.mjs";
import { dialog, toast } from "../support/widgets.mjs";

async function storage(stage) {
  await stage.startDaemon();
  stage.tolerate(/status of 400 .*artifact-storage/);
  const folder = mkdtempSync(join(tmpdir(), "oore-e2e-artifacts-"));
  const page = await stage.openPage();
  await arrive(stage, "/settings/storage");
  const field = page.getByRole("textbox", { name: /^Folder/ });
  await field.fill("not/absolute");
  await page.getByRole("button", { name: "Save storage" }).click();
  await page.locator("[aria-invalid=true]").waitFor();
  await stage.stop("a folder that is refused");
  await field.fill(folder);
  await page.getByRole("button", { name: "Test what is entered" }).click();
  await page.getByText("Everything works.").waitFor();
  await stage.stop("a folder that was tested");
  await page.getByRole("button", { name: "Save storage" }).click();
  await toast(page, "New artifacts go there from now on").waitFor();
  await page.getByRole("button", { name: "Test the connection" }).click();
  await page.getByRole("list", { name: "Steps of the test" }).waitFor();

  // A bucket wants its keys; nothing is sent before they are typed.
  await page.getByRole("radio", { name: "In an S3 bucket" }).check();
  await page.getByRole("textbox", { name: "Bucket" }).fill("builds");
  await page.getByRole("button", { name: "Save storage" }).click();
  await page.locator("[aria-invalid=true]").waitFor();
  await page.setViewportSize({ width: 390, height: 844 });
  await stage.stop("a bucket without keys on a phone");
  await page.getByRole("radio", { name: "Nowhere" }).check();
  await page.getByRole("button", { name: "Save storage" }).click();
  await page.getByText("Artifacts are not stored").waitFor();
  await stage.stop("nothing is stored");
  rmSync(folder, { recursive: true, force: true });
}

async function retention(stage) {
  await stage.startDaemon();
  const page = await stage.openPage();
  await arrive(stage, "/settings/retention");
  const preview = page.getByRole("region", { name: "What it would do now" });
  const enabled = page.getByRole("switch", { name: /^Remove what builds made/ });
  if (!(await enabled.isChecked())) await enabled.check();
  await page.getByRole("textbox", { name: /^Builds that ended more than/ }).fill("30");
  await preview.getByText("This would remove nothing.").waitFor();
  await stage.stop("rules and what they would do");
  await page.getByRole("button", { name: "Save retention" }).click();
  await toast(page, "Retention saved").waitFor();
  await stage.api.signIn();
  const { policy } = await stage.api.send("GET", "/v1/settings/retention");
  assert.equal(policy.max_age_days, 30);
  await page.setViewportSize({ width: 390, height: 844 });
  await stage.stop("retention on a phone");
}

async function notifications(stage) {
  await stage.startDaemon();
  const page = await stage.openPage();
  await arrive(stage, "/settings/notifications");
  await page.getByText("No channel yet").waitFor();
  await stage.stop("no channel yet");
  await page.getByRole("main").getByRole("link", { name: "Add a channel" }).first().click();
  await page.getByRole("combobox", { name: "Kind" }).selectOption({ label: "Webhook" });
  await page.getByRole("textbox", { name: "Name" }).fill("Room");
  await page.getByRole("textbox", { name: "Address" }).fill("https://hooks.example.com/room");
  await stage.stop("a new channel");
  await page.getByRole("button", { name: "Add channel" }).click();
  await page.getByRole("heading", { level: 1, name: "Room" }).waitFor();
  await page.getByText("Nothing has been told yet.").waitFor();
  assert.equal(await page.getByText("hooks.example.com/room").count(), 0);
  await page.setViewportSize({ width: 390, height: 844 });
  await stage.stop("a channel on a phone");
  await page.getByRole("button", { name: "Remove channel" }).click();
  await dialog(page).getByRole("button", { name: "Remove" }).click();
  await page.getByText("No channel yet").waitFor();
}

export const journeys = [
  { name: "operations: where artifacts go", run: storage },
  { name: "operations: how long artifacts stay", run: retention },
  { name: "operations: who is told", run: notifications },
];
