/** Signing in: through an access proxy with all it can do wrong, the end of a session, recovery links, the callback page. */
import assert from "node:assert/strict";
import { step } from "../support/pages.mjs";

const WIDTHS = [
  [1440, 900],
  [390, 844],
];

const REFUSED = /status of (400|401|403|409) .*\/v1\//;

const alert = (page, text) => page.getByRole("alert").getByText(text);
const signIn = (page) => page.getByRole("button", { name: "Sign in through the proxy" });
const arrived = (page) => page.getByRole("navigation", { name: "Main" }).first().waitFor();

/** Set up in the browser, as far as the owner's proof; answers the proxy's secret. */
async function configureProxy(stage, page, owner) {
  await stage.go(`/start#token=${stage.daemon.setupToken()}`);
  await step(page, "How people sign in").waitFor();
  await page.getByRole("radio", { name: "Access proxy" }).check();
  await page.getByRole("button", { name: "Continue" }).click();
  await step(page, "Access proxy").waitFor();
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("no request could be trusted").waitFor();
  await page.getByRole("textbox", { name: "Addresses of the proxy" }).fill("10.0.0.0/8\n10.0.0.0/99");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("is neither a range nor an address").waitFor();
  await page.getByRole("textbox", { name: "Addresses of the proxy" }).fill("");
  await page.getByRole("button", { name: "Generate" }).click();
  const secret = await page.getByLabel("Shared secret").inputValue();
  await page.getByRole("textbox", { name: "E-mail address of the owner" }).fill(owner);
  await page.getByRole("button", { name: "Save" }).click();
  await step(page, "Owner").waitFor();
  return secret;
}

async function throughTheProxy(stage) {
  await stage.startDaemon();
  const proxy = await stage.startProxy();
  stage.tolerate(REFUSED);
  const direct = await stage.openPage();
  proxy.secret = await configureProxy(stage, direct, "ana@example.com");
  await direct.getByRole("button", { name: "Become the owner" }).click();
  await alert(direct, "The request came without the proxy's secret.").waitFor();
  await stage.stop("claim without the proxy");

  const page = await stage.openPage();
  await page.goto(`${proxy.origin}/start#token=${stage.daemon.setupToken()}`);
  await step(page, "Owner").waitFor();
  proxy.user = "mallory@example.com";
  await page.getByRole("button", { name: "Become the owner" }).click();
  await alert(page, "The proxy names somebody else than the owner who was entered.").waitFor();
  proxy.user = "ana@example.com";
  await page.getByRole("button", { name: "Become the owner" }).click();
  await step(page, "Finish").waitFor();
  await stage.stop("finish");
  await page.getByRole("button", { name: "Finish the set-up" }).click();
  await arrived(page);
  assert.equal(page.url(), `${proxy.origin}/`);

  await page.getByRole("button", { name: "Account and appearance" }).click();
  await page.getByText("Signed in as ana@example.com").waitFor();
  await page.getByRole("menuitem", { name: "Sign out" }).click();
  await signIn(page).waitFor();
  await stage.stop("signed out");
  const refusals = [
    ["mallory@example.com", proxy.secret, "No active account belongs to this identity."],
    ["ana@example.com", "wrong", "The proxy sent a wrong secret."],
    ["ana@example.com", null, "The request came without the proxy's secret."],
    ["ana, eve", proxy.secret, "What the proxy sent as your name is not one e-mail address."],
    [null, proxy.secret, "The proxy did not say who you are."],
  ];
  const { secret } = proxy;
  for (const [user, presented, text] of refusals) {
    Object.assign(proxy, { user, secret: presented });
    await signIn(page).click();
    await alert(page, text).waitFor();
    await stage.stop(text);
  }
  Object.assign(proxy, { user: "ana@example.com", secret });

  await page.goto(`${proxy.origin}/builds?status=failed`);
  await signIn(page).click();
  await arrived(page);
  assert.equal(page.url(), `${proxy.origin}/builds?status=failed`);
  for (const elsewhere of ["https://evil.example/x", "//evil.example/x", "/%09/evil.example/x"]) {
    await page.goto(`${proxy.origin}/login?next=${elsewhere}`);
    await signIn(page).click();
    await arrived(page);
    assert.equal(page.url(), `${proxy.origin}/`);
  }
  await endOfSession(stage, page);
  await looks(stage);
}

/** A session that ran out, and one that was ended: told apart, and the person goes on where they were. */
async function endOfSession(stage, page) {
  const { proxy } = stage;
  // Seen before, so that the page behind the dialog has something to show.
  await page.getByRole("link", { name: "Runners" }).first().click();
  await page.getByRole("heading", { level: 1, name: "Runners" }).waitFor();
  await stage.stop("runners");
  await page.getByRole("link", { name: "Home" }).first().click();
  const token = await page.evaluate(() => {
    const key = Object.keys(sessionStorage).find((name) => /^oore\.session\./.test(name));
    return JSON.parse(sessionStorage.getItem(key)).token;
  });
  const ended = await fetch(`${stage.daemon.origin}/v1/auth/logout`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}` },
  });
  assert.equal(ended.status, 200);
  const dialog = page.getByRole("dialog", { name: "Your session is no longer valid" });
  await page.getByRole("link", { name: "Runners" }).first().click();
  await dialog.waitFor();
  await stage.stop("session was ended");
  await dialog.getByRole("button", { name: "Sign in again" }).click();
  await dialog.waitFor({ state: "detached" });
  await page.getByRole("heading", { level: 1, name: "Runners" }).waitFor();

  // The tab is looked at again on the day after tomorrow.
  await page.clock.install();
  await page.clock.setSystemTime(Date.now() + 48 * 3_600_000);
  await page.goto(`${proxy.origin}/projects`);
  await page.getByRole("status").getByText("Your session has expired").waitFor();
  await stage.stop("session has expired");
}

async function looks(stage) {
  for (const colorScheme of ["light", "dark"]) {
    for (const [width, height] of WIDTHS) {
      const page = await stage.openPage({ width, height, colorScheme });
      await stage.go("/login?signed_out=true");
      await signIn(page).click();
      await alert(page, "The request came without the proxy's secret.").waitFor();
      await stage.stop(`refused ${colorScheme} ${width}`);
      await stage.go("/auth/callback?error=access_denied&error_description=Not+assigned+to+you&state=x");
      await alert(page, "The identity provider did not let you in, or you declined.").waitFor();
      await stage.stop(`provider refused ${colorScheme} ${width}`);
      await page.context().close();
    }
  }
}

async function addressesThatBringSomething(stage) {
  await stage.startDaemon();
  await stage.api.signIn();
  stage.tolerate(REFUSED);
  const page = await stage.openPage();
  await stage.go("/login#recovery=oore_recovery_0000");
  await alert(
    page,
    "The recovery link is unknown, was used already, or is older than five minutes.",
  ).waitFor();
  assert.equal(new URL(page.url()).hash, "");
  await stage.stop("recovery refused");
  await page.getByRole("button", { name: "Sign in on this machine" }).click();
  await arrived(page);

  await stage.go("/auth/callback?code=1e5&state=somebody-elses");
  await alert(page, "was begun in another browser").waitFor();
  assert.equal(new URL(page.url()).search, "");
  await stage.stop("unknown sign-in");
  await page.getByRole("link", { name: "Sign in" }).click();
  await page.getByRole("button", { name: "Sign in on this machine" }).click();
  await arrived(page);
  const entries = await page.evaluate(() => performance.getEntriesByType("resource").map(({ name }) => name));
  assert.ok(!entries.some((name) => /1e5|oore_recovery_/.test(name)), "a secret went into an address");
}

export const journeys = [
  { name: "sign-in: through an access proxy", limitMs: 300_000, run: throughTheProxy },
  { name: "sign-in: addresses that bring something", run: addressesThatBringSomething },
];
