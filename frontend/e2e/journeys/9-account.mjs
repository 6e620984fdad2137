/** A person's own API tokens and sessions: made and seen in the page, used and refused over HTTP. */
import assert from "node:assert/strict";
import { arrive } from "../support/pages.mjs";
import { openPageAs } from "../support/people.mjs";
import { waitFor } from "../support/wait.mjs";
import { cell, dialog, row, toast } from "../support/widgets.mjs";

const status = (stage, token) =>
  fetch(`${stage.daemon.origin}/v1/users/me`, { headers: { authorization: `Bearer ${token}` } }).then(
    (response) => response.status,
  );

async function tokens(stage) {
  await stage.startDaemon();
  const page = await stage.openPage();
  await arrive(stage);
  const account = page.getByRole("button", { name: "Account and appearance" });
  await account.click();
  await page.getByRole("menuitem", { name: "My account" }).waitFor();
  await stage.stop("account menu");
  // The keys lead through it, and out of it to where it was opened.
  const focused = () => page.evaluate(() => document.activeElement.textContent);
  await page.keyboard.press("ArrowUp");
  assert.equal(await focused(), "Sign out");
  await page.keyboard.press("Escape");
  assert.equal(await page.getByRole("menu").count(), 0);
  assert.ok(await account.evaluate((button) => button === document.activeElement));
  await page.keyboard.press("Enter");
  await page.getByRole("menu").waitFor();
  await page.keyboard.press("a");
  assert.equal(await focused(), "API tokens");
  await page.keyboard.press("Enter");
  await page.getByText("No API tokens yet").waitFor();
  await stage.stop("no tokens");
  await page.getByRole("button", { name: "New token" }).click();
  await dialog(page).getByRole("button", { name: "Create token" }).click();
  await dialog(page).getByText("Fill this in.").waitFor();
  await dialog(page).getByRole("textbox", { name: "Name" }).fill("nightly script");
  await dialog(page).getByRole("combobox", { name: "Expires" }).selectOption({ label: "On a date" });
  await dialog(page).getByRole("button", { name: "Create token" }).click();
  await dialog(page).getByText("Choose a day in the future.").waitFor();
  await stage.stop("token form with errors");
  await dialog(page).getByRole("combobox", { name: "Expires" }).selectOption({ label: "In 30 days" });
  await dialog(page).getByRole("button", { name: "Create token" }).click();
  await dialog(page).getByText("Copy it now: it is not shown again.").waitFor();
  const secret = await dialog(page)
    .getByText(/^oore_/)
    .textContent();
  await stage.stop("the secret this once");
  assert.equal(await status(stage, secret), 200);
  // Neither Escape nor a click beside it may lose the secret.
  await page.keyboard.press("Escape");
  await page.mouse.click(5, 500);
  await dialog(page).getByText(secret).waitFor();
  await dialog(page).getByRole("button", { name: "I have stored it" }).click();
  await page.reload();
  await row(page, "nightly script").waitFor();
  assert.equal(await page.getByText(secret).count(), 0);
  assert.ok(!(await page.content()).includes(secret));
  await cell(page, "nightly script", "just now").waitFor();
  await page.getByRole("button", { name: "Revoke nightly script" }).click();
  await dialog(page).waitFor();
  await stage.stop("before revoking");
  await dialog(page).getByRole("button", { name: "Revoke", exact: true }).click();
  await cell(page, "nightly script", "Revoked").waitFor();
  assert.equal(await status(stage, secret), 401);
  await stage.stop("revoked");
  await stage.go("/me");
  await page.getByRole("heading", { level: 1, name: "My account" }).waitFor();
  await stage.stop("account");
  await page.setViewportSize({ width: 390, height: 844 });
  await stage.stop("account on a phone");
}

/** Another program of the same person; answers its session's token. */
async function signInWith(stage, program) {
  const response = await fetch(`${stage.daemon.origin}/v1/auth/local/login`, {
    method: "POST",
    headers: { "content-type": "application/json", "user-agent": program },
    body: "{}",
  });
  return (await response.json()).session_token;
}

async function sessions(stage) {
  await stage.startDaemon();
  const page = await stage.openPage();
  await arrive(stage, "/me/sessions");
  await page.getByText("You are signed in nowhere else.").waitFor();
  const list = page.getByRole("list", { name: "Your sessions" });
  await list.getByText("This session").waitFor();
  await stage.stop("one session");

  const script = await stage.api.localSession();
  const curl = await signInWith(stage, "curl/8.9.1");
  const other = await openPageAs(stage, "owner@local");
  stage.page = page;
  await page.reload();
  await waitFor("four sessions", async () => (await list.getByRole("listitem").count()) === 4);
  await stage.stop("several sessions");
  await list.getByRole("button", { name: "End the session of curl" }).click();
  await waitFor("three sessions", async () => (await list.getByRole("listitem").count()) === 3);
  assert.equal(await status(stage, curl), 401);
  assert.equal(await status(stage, script.session_token), 200);

  stage.tolerate(/status of 401/);
  await page.getByRole("button", { name: "End all others" }).click();
  await dialog(page).waitFor();
  await stage.stop("before all others end");
  await dialog(page).getByRole("button", { name: "End all others" }).click();
  await page.getByText("You are signed in nowhere else.").waitFor();
  await toast(page, "2 other sessions have ended").waitFor();
  assert.equal(await status(stage, script.session_token), 401);
  // The other browser learns it at once from its stream, or at its next request; it is asked to sign in again.
  await other.getByRole("link", { name: "Projects" }).click();
  await other.getByRole("dialog", { name: "Your session is no longer valid" }).waitFor();
  await page.setViewportSize({ width: 390, height: 844 });
  await stage.stop("sessions on a phone");
}

export const journeys = [
  { name: "api tokens: make, use, revoke", run: tokens },
  { name: "sessions: this one, one, all others", run: sessions },
];
