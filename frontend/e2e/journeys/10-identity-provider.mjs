/**
 * A certified OpenID provider and the real daemon: the owner proves who she is, invites Ana, Ana gets in, and nobody else
 * does. Once on the daemon's own pages, and once with the code brought to the API by hand, as somebody hostile might.
 */
import assert from "node:assert/strict";
import { CLIENT, IdentityProvider, proveOneself } from "../support/identity-provider.mjs";
import { step } from "../support/pages.mjs";
import { begun, CALLBACK, owned, signIn } from "../support/provider-owner.mjs";
import { dialog, row } from "../support/widgets.mjs";

async function refusal(stage, login) {
  return stage.api.as().refused("POST", CALLBACK, await begun(stage, login));
}

async function throughTheProvider(stage) {
  const daemon = await stage.startDaemon();
  const provider = stage.neighbour(await IdentityProvider.start([`${daemon.origin}/auth/callback`]));
  const owner = await owned(stage, provider);
  assert.equal((await owner.send("GET", "/v1/users/me")).user.role, "owner");

  assert.equal(await refusal(stage, "ana"), "403 user_not_found");
  for (const name of ["ana", "bob"]) {
    await owner.send("POST", "/v1/users/invite", { email: `${name}@example.com`, role: "developer" });
  }
  const ana = (await (await signIn(stage, "ana")).send("GET", "/v1/users/me")).user;
  assert.deepEqual([ana.email, ana.role, ana.status], ["ana@example.com", "developer", "active"]);

  assert.equal(await refusal(stage, "eve"), "403 user_not_found", "nobody invited her");
  assert.equal(
    await refusal(stage, "ana-too"),
    "403 user_not_found",
    "the same address is not the same person",
  );
  assert.equal(await refusal(stage, "bob"), "403 unverified_email");
  assert.equal((await owner.send("GET", "/v1/users")).total, 3, "refused people leave no account");

  const answer = await begun(stage, "ana");
  await stage.api.as().send("POST", CALLBACK, answer);
  assert.equal(await stage.api.as().refused("POST", CALLBACK, answer), "400 invalid_state");

  const { code } = await begun(stage, "ana");
  const { state } = await stage.api.as().send("GET", "/v1/auth/oidc/start");
  const mixed = await stage.api.as().refused("POST", CALLBACK, { code, state });
  assert.equal(mixed, "502 token_exchange_error", "a code is of use only with the state it came with");
}

const arrived = (page) => page.getByRole("navigation", { name: "Main" }).first().waitFor();
const alert = (page, text) => page.getByRole("alert").getByText(text);

async function setUpOnThePages(stage, provider) {
  const page = await stage.openPage();
  await stage.go(`/start#token=${stage.daemon.setupToken()}`);
  await step(page, "How people sign in").waitFor();
  await page.getByRole("radio", { name: "Identity provider" }).check();
  await page.getByRole("button", { name: "Continue" }).click();
  await step(page, "Identity provider").waitFor();
  await page.getByRole("textbox", { name: "Issuer URL" }).fill(provider.issuer);
  await page.getByRole("textbox", { name: "Client ID" }).fill(CLIENT.clientId);
  await page.getByLabel("Client secret").fill(CLIENT.clientSecret);
  await page.getByRole("button", { name: "Check and save" }).click();
  await step(page, "Owner").waitFor();
  await stage.stop("owner through the provider");
  await page.getByRole("button", { name: "Sign in as the owner" }).click();
  await proveOneself(page, "olga");
  await step(page, "Finish").waitFor();
  await page.getByText("olga@example.com").first().waitFor();
  await stage.stop("finish");
  await page.getByRole("button", { name: "Finish the set-up" }).click();
  await page.getByRole("button", { name: "Continue to the identity provider" }).click();
  await arrived(page);
}

async function onThePages(stage) {
  const daemon = await stage.startDaemon();
  const provider = stage.neighbour(await IdentityProvider.start([`${daemon.origin}/auth/callback`]));
  stage.tolerate(/status of (400|401|403) .*\/v1\//);
  await setUpOnThePages(stage, provider);
  await stage.api.signIn();
  await stage.api.send("POST", "/v1/users/invite", { email: "ana@example.com", role: "developer" });

  const page = await stage.openPage();
  const returns = [];
  page.on("request", (request) => {
    if (request.url().startsWith(`${daemon.origin}/auth/callback?`)) returns.push(request.url());
  });
  await stage.go("/builds");
  await page.getByRole("button", { name: "Continue to the identity provider" }).click();
  await proveOneself(page, "ana");
  await arrived(page);
  assert.equal(page.url(), `${daemon.origin}/builds`);
  await page.getByRole("button", { name: "Account and appearance" }).click();
  await page.getByText("Signed in as ana@example.com").waitFor();
  await page.goto(returns[0]);
  await alert(page, "This sign-in is not known here").waitFor();
  assert.equal(new URL(page.url()).search, "", "the code is taken out of the address");

  for (const [login, text] of [
    ["eve", "No active account belongs to this identity."],
    ["ana-too", "No active account belongs to this identity."],
  ]) {
    const stranger = await stage.openPage();
    await stage.go("/");
    await stranger.getByRole("button", { name: "Continue to the identity provider" }).click();
    await proveOneself(stranger, login);
    await alert(stranger, text).waitFor();
    await stage.stop(`${login} is refused`);
  }
}

/** As if the session had been ended elsewhere. */
async function endSession(stage, page) {
  const token = await page.evaluate(() => {
    const key = Object.keys(sessionStorage).find((name) => name.startsWith("oore.session."));
    return JSON.parse(sessionStorage.getItem(key)).token;
  });
  await stage.api.as(token).send("POST", "/v1/auth/logout");
}

/** A session that ends goes on in a window beside the page; where none may open, by the page itself. */
async function besideThePage(stage) {
  const daemon = await stage.startDaemon();
  const provider = stage.neighbour(await IdentityProvider.start([`${daemon.origin}/auth/callback`]));
  stage.tolerate(/status of 401 .*\/v1\//);
  await owned(stage, provider);
  const page = await stage.openPage();
  page.context().on("page", (opened) => stage.watch(opened));
  await stage.go("/me/tokens");
  await page.getByRole("button", { name: "Continue to the identity provider" }).click();
  await proveOneself(page, "olga");
  const form = page.getByRole("dialog", { name: "New API token" });
  const question = page.getByRole("dialog", { name: "Your session is no longer valid" });
  const create = form.getByRole("button", { name: "Create token" });
  await page.getByRole("button", { name: "New token" }).first().click();
  await form.getByRole("textbox", { name: "Name" }).fill("nightly script");
  await endSession(stage, page);
  await create.click();
  await question.getByText("in a window of its own").waitFor();
  await stage.picture("asked to sign in again");
  const [beside] = await Promise.all([
    page.waitForEvent("popup"),
    question.getByRole("button", { name: "Sign in again" }).click(),
  ]);
  // The provider still knows her and sends her back at once: the window closes by itself, and what was typed is sent.
  if (!beside.isClosed()) await beside.waitForEvent("close");
  await dialog(page).getByText("Copy it now: it is not shown again.").waitFor();
  await dialog(page).getByRole("button", { name: "I have stored it" }).click();
  await row(page, "nightly script").waitFor();
  assert.equal(page.url(), `${daemon.origin}/me/tokens`);

  await page.evaluate(() => {
    window.open = () => null;
  });
  await endSession(stage, page);
  await page.getByRole("button", { name: "New token" }).first().click();
  await form.getByRole("textbox", { name: "Name" }).fill("another");
  await create.click();
  await question.getByRole("button", { name: "Sign in again" }).click();
  await question.getByRole("alert").getByText("may be lost").waitFor();
  await stage.picture("no window opens");
  await question.getByRole("button", { name: "Leave this page" }).click();
  await page.getByRole("button", { name: "Continue to the identity provider" }).click();
  await row(page, "nightly script").waitFor();
}

/** The provider stops answering: who is in stays in, who is out is told why, and all is well when it is back. */
async function providerGone(stage) {
  const daemon = await stage.startDaemon();
  const provider = stage.neighbour(await IdentityProvider.start([`${daemon.origin}/auth/callback`]));
  const owner = await owned(stage, provider);
  const answer = await begun(stage, "olga");
  provider.freeze();
  await stage.api.as().send("GET", "/v1/auth/oidc/start");
  assert.equal(await stage.api.as().refused("POST", CALLBACK, answer), "502 token_exchange_error");
  assert.equal((await owner.send("GET", "/v1/users/me")).user.email, "olga@example.com");
  provider.thaw();
  await signIn(stage, "olga");
}

export const journeys = [
  { name: "pages of set-up and sign-in with an identity provider", run: onThePages },
  { name: "sign in through an identity provider", run: throughTheProvider },
  { name: "signing in again in a window beside the page", run: besideThePage },
  { name: "identity provider that stops answering", run: providerGone },
];
