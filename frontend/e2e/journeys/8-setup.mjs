/** Setting an instance up in the browser: with one click, step by step for this machine, interrupted and taken up again. */
import assert from "node:assert/strict";
import { step } from "../support/pages.mjs";

const WIDTHS = [
  [1440, 900],
  [390, 844],
];

/** Refusals that these journeys ask for; the browser prints each. */
const REFUSED = /status of (400|401|403|409|410) .*\/v1\/(setup|auth)\//;

async function oneClick(stage) {
  await stage.startDaemon();
  const page = await stage.openPage();
  await stage.go("/start");
  await page.getByRole("heading", { level: 2, name: "Only you, only this machine" }).waitFor();
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement.textContent), "Use on this machine only");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { level: 1, name: "Build your app" }).waitFor();
  await page.getByText("No Flutter app was found").waitFor();
  await stage.stop("no app on this machine");
  await page.getByRole("link", { name: "Go to Home instead" }).click();
  await page.getByRole("navigation", { name: "Main" }).first().waitFor();
  assert.equal(new URL(page.url()).pathname, "/");
}

async function stepByStep(stage) {
  const daemon = await stage.startDaemon();
  stage.tolerate(REFUSED);
  const page = await stage.openPage();
  await stage.go("/setup");
  await step(page, "Unlock").waitFor();
  assert.equal(new URL(page.url()).pathname, "/start");
  await stage.stop("locked");

  const token = page.getByRole("textbox", { name: "Set-up token" });
  await page.getByRole("button", { name: "Unlock" }).click();
  await page.getByText("Fill this in.").waitFor();
  const minted = daemon.setupToken();
  await token.fill("oore_bootstrap_of_another_instance");
  await page.getByRole("button", { name: "Unlock" }).click();
  await page.getByRole("alert").getByText("This is not the token that was made last.").waitFor();
  await stage.stop("wrong token");
  await token.fill(minted);
  await page.keyboard.press("Enter");
  await step(page, "How people sign in").waitFor();
  await focusIsOn(page, "How people sign in");
  await stage.stop("method");

  await page.getByRole("button", { name: "Continue" }).click();
  await page.getByText("Choose one.").waitFor();
  await page.getByRole("radio", { name: "Identity provider" }).check();
  await page.getByRole("button", { name: "Continue" }).click();
  await step(page, "Identity provider").waitFor();
  await page.getByText(`${daemon.origin}/auth/callback`).waitFor();
  await page.getByRole("button", { name: "Check and save" }).click();
  await page.getByText("is not the address of an identity provider").waitFor();
  await focusIsOnField(page, "Issuer URL");
  await page.getByRole("textbox", { name: "Issuer URL" }).fill(`${daemon.origin}/nothing-here`);
  await page.getByRole("textbox", { name: "Client ID" }).fill("oore");
  await page.getByLabel("Client secret").fill("not to be kept in the tab");
  await page.getByRole("button", { name: "Check and save" }).click();
  await page.getByRole("alert").getByText("No identity provider answered at this address.").waitFor();
  await stage.stop("provider not found");

  await page.reload();
  await step(page, "Identity provider").waitFor();
  const typed = await page.getByRole("textbox", { name: "Issuer URL" }).inputValue();
  assert.equal(typed, `${daemon.origin}/nothing-here`);
  const kept = await page.evaluate(() => JSON.stringify({ ...sessionStorage, ...localStorage }));
  assert.ok(!kept.includes("not to be kept in the tab") && !kept.includes(minted), "a secret was stored");

  await page.getByRole("button", { name: "Change: How people sign in" }).click();
  await page.getByRole("radio", { name: "On this machine only" }).check();
  await page.getByRole("button", { name: "Continue" }).click();
  await step(page, "Owner").waitFor();
  await page.getByRole("textbox", { name: "Your e-mail address" }).fill("ana");
  await page.getByRole("button", { name: "Make me the owner" }).click();
  await page.getByText("is not an e-mail address").waitFor();
  await focusIsOnField(page, "Your e-mail address");
  await stage.stop("no e-mail address");
  await page.reload();
  await step(page, "Owner").waitFor();
  assert.equal(await page.getByRole("textbox", { name: "Your e-mail address" }).inputValue(), "ana");
  await page.getByRole("textbox", { name: "Your e-mail address" }).fill("ana@example.com");
  await page.keyboard.press("Enter");
  await step(page, "Finish").waitFor();
  await stage.stop("finish");

  await page.getByRole("button", { name: "Finish the set-up" }).click();
  await page.getByRole("navigation", { name: "Main" }).first().waitFor();
  await page.getByRole("button", { name: "Account and appearance" }).click();
  await page.getByText("Signed in as ana@example.com").waitFor();
  await page.keyboard.press("Escape");
  assert.deepEqual(
    await page.evaluate(() => Object.keys(sessionStorage).filter((key) => /setup/.test(key))),
    [],
  );

  await stage.go("/start");
  await page.getByRole("heading", { level: 1, name: "Build your app" }).waitFor();
}

/** Another window takes the set-up over; the first one says so and loses nothing. */
async function takenOver(stage) {
  const daemon = await stage.startDaemon();
  stage.tolerate(REFUSED);
  const first = await stage.openPage();
  await stage.go(`/start#token=${daemon.setupToken()}`);
  await step(first, "How people sign in").waitFor();
  assert.equal(new URL(first.url()).hash, "");
  const second = await stage.openPage();
  await stage.go(`/start#token=${daemon.setupToken()}`);
  await step(second, "How people sign in").waitFor();

  await first.getByRole("radio", { name: "On this machine only" }).check();
  await first.getByRole("button", { name: "Continue" }).click();
  await first.getByRole("alert").getByText("The set-up was opened in another window since.").waitFor();
  stage.page = first;
  await stage.stop("taken over");
  await first.evaluate((token) => {
    window.location.hash = `token=${token}`;
  }, daemon.setupToken());
  await step(first, "How people sign in").waitFor();
  assert.equal(new URL(first.url()).hash, "");
  assert.ok(await first.getByRole("radio", { name: "On this machine only" }).isChecked());
}

async function looks(stage) {
  const daemon = await stage.startDaemon();
  for (const colorScheme of ["light", "dark"]) {
    for (const [width, height] of WIDTHS) {
      const page = await stage.openPage({ width, height, colorScheme });
      const at = (label) => stage.stop(`${label} ${colorScheme} ${width}`);
      await stage.go("/start");
      await step(page, "Unlock").waitFor();
      await at("locked");
      await page.evaluate((token) => {
        window.location.hash = `token=${token}`;
      }, daemon.setupToken());
      await step(page, /How people sign in|Access proxy|Identity provider|Owner/).waitFor();
      const change = page.getByRole("button", { name: "Change: How people sign in" });
      if (await change.isVisible()) await change.click();
      await page.getByRole("radio", { name: "Identity provider" }).check();
      await at("method");
      await page.getByRole("button", { name: "Continue" }).click();
      await step(page, "Identity provider").waitFor();
      await page.getByText("What the issuer URL looks like").click();
      await at("provider");
      await change.click();
      await page.getByRole("radio", { name: "Access proxy" }).check();
      await page.getByRole("button", { name: "Continue" }).click();
      // Stored in an earlier round, it counts as done.
      await step(page, /Access proxy|Owner/).waitFor();
      const again = page.getByRole("button", { name: "Change: Access proxy" });
      if (await again.isVisible()) await again.click();
      await step(page, "Access proxy").waitFor();
      await page.getByRole("button", { name: "Generate" }).click();
      await at("proxy");
      await page.getByRole("button", { name: "Save" }).click();
      await step(page, "Owner").waitFor();
      await page.getByRole("textbox", { name: "Address that people use" }).fill("ci.example.com");
      await page.getByText("https://ci.example.com/start").waitFor();
      await at("owner through the proxy");
      await page.context().close();
    }
  }
}

async function focusIsOn(page, heading) {
  await page.waitForFunction((text) => document.activeElement?.textContent?.startsWith(text), heading);
}

async function focusIsOnField(page, label) {
  await page.waitForFunction((text) => document.activeElement?.labels?.[0]?.textContent === text, label);
}

export const journeys = [
  { name: "set-up: one click on this machine", run: oneClick },
  { name: "set-up: step by step, interrupted twice", run: stepByStep },
  { name: "set-up: taken over by another window", run: takenOver },
  { name: "set-up: looks", run: looks },
];
