/** People, tokens, sessions, audit log, members and access, each by the page, against the rules of the real daemon. */
import assert from "node:assert/strict";
import { arrive } from "../support/pages.mjs";
import { activePeople, openPageAs } from "../support/people.mjs";
import { makeRepository, pipelineFile } from "../support/repository.mjs";
import { waitFor } from "../support/wait.mjs";

const PHONE = { width: 390, height: 844, colorScheme: "dark" };

const row = (page, text) => page.getByRole("row").filter({ hasText: text });
const cell = (page, who, text) => row(page, who).getByText(text).filter({ visible: true });
const dialog = (page) => page.getByRole("dialog");
const toast = (page, text) => page.getByRole("region", { name: "Notifications" }).getByText(text);

async function choose(page, email, entry) {
  await page.getByRole("button", { name: `Actions for ${email}` }).click();
  await page.getByRole("menuitem", { name: entry }).click();
}

async function people(stage) {
  await stage.startDaemon();
  await stage.api.signIn();
  const page = await stage.openPage();
  await arrive(stage, "/settings/users");
  await row(page, "owner@local").waitFor();

  // What must not be changed says why.
  await page.getByRole("button", { name: "Actions for owner@local" }).click();
  const blocked = page.getByRole("menuitem", { name: /^Disable/ });
  assert.equal(await blocked.getAttribute("aria-disabled"), "true");
  await page.getByText("The owner stays the owner.").first().waitFor();
  await stage.picture("owner cannot be changed");
  await page.keyboard.press("Escape");

  stage.tolerate(/status of (400|409) .*users\/invite/);
  await page.getByRole("button", { name: "Invite", exact: true }).click();
  await dialog(page).getByRole("textbox", { name: "E-mail address" }).fill("nobody");
  await dialog(page).getByRole("button", { name: "Invite", exact: true }).click();
  await dialog(page).getByText("this is not an e-mail address").waitFor();
  await stage.stop("invitation refused");
  await dialog(page).getByRole("textbox", { name: "E-mail address" }).fill("ana@example.com");
  await dialog(page).getByRole("combobox", { name: "Role" }).selectOption("admin");
  await dialog(page).getByText("Manages people, projects, runners").waitFor();
  await page.keyboard.press("Enter");
  await page.getByRole("dialog", { name: "ana@example.com is invited" }).waitFor();
  await dialog(page).getByText(`${stage.daemon.origin}/login`).waitFor();
  await stage.stop("invited");
  await dialog(page).getByRole("button", { name: "Invite another" }).click();
  await dialog(page).getByRole("textbox", { name: "E-mail address" }).fill("ANA@example.com");
  await page.keyboard.press("Enter");
  await dialog(page).getByText("there is an account with this e-mail address").waitFor();
  await page.keyboard.press("Escape");
  await cell(page, "ana@example.com", "Invited").waitFor();

  await choose(page, "ana@example.com", "Change role");
  await dialog(page).getByRole("combobox", { name: "Role" }).selectOption("developer");
  await stage.stop("role");
  await dialog(page).getByRole("button", { name: "Change role" }).click();
  await toast(page, "ana@example.com is now Developer").waitFor();
  await cell(page, "ana@example.com", "Developer").waitFor();

  await choose(page, "ana@example.com", "Disable");
  await dialog(page).getByText("All their API tokens are revoked for good").waitFor();
  await stage.stop("before disabling");
  await dialog(page).getByRole("button", { name: "Disable", exact: true }).click();
  await cell(page, "ana@example.com", "Disabled").waitFor();
  await page.getByRole("button", { name: "Undo" }).click();
  await cell(page, "ana@example.com", "Invited").waitFor();
  await choose(page, "ana@example.com", "Disable");
  await dialog(page).getByRole("button", { name: "Disable", exact: true }).click();
  await cell(page, "ana@example.com", "Disabled").waitFor();
  await choose(page, "ana@example.com", "Enable");
  await cell(page, "ana@example.com", "Invited").waitFor();

  for (let n = 0; n < 55; n += 1) {
    await stage.api.send("POST", "/v1/users/invite", { email: `p${n}@example.com`, role: "qa_viewer" });
  }
  await page.reload();
  await page.getByText("1–50 of 57").waitFor();
  await page.getByRole("button", { name: "Next" }).click();
  await page.getByText("51–57 of 57").waitFor();
  assert.equal(new URL(page.url()).search, "?offset=50");
  await page.goBack();
  await page.getByRole("button", { name: "Person" }).click();
  await waitFor("the order by e-mail", async () =>
    (await page.getByRole("row").nth(1).textContent()).includes("ana@"),
  );
  assert.equal(new URL(page.url()).searchParams.get("sort"), "email:asc");
  await page.getByRole("searchbox", { name: "Search people" }).fill("p17@");
  await waitFor("one row", async () => (await page.getByRole("row").count()) === 2);
  assert.equal(new URL(page.url()).searchParams.get("q"), "p17@");
  await page.getByRole("searchbox", { name: "Search people" }).fill("no such person");
  await page.getByText("Nothing matches").waitFor();
  await stage.stop("nobody fits");

  await page.setViewportSize({ width: 390, height: 844 });
  await page.getByRole("button", { name: "Clear filters" }).click();
  await row(page, "ana@example.com").waitFor();
  await stage.stop("people on a phone");
}

async function audit(stage) {
  await stage.startDaemon();
  await stage.api.signIn();
  const { user } = await stage.api.send("POST", "/v1/users/invite", {
    email: "ana@example.com",
    role: "qa_viewer",
  });
  await stage.api.send("PATCH", `/v1/users/${user.id}/role`, { role: "developer" });
  await stage.api.send("DELETE", `/v1/users/${user.id}`);
  const page = await stage.openPage();
  await arrive(stage, "/settings/audit");
  const entries = page.getByRole("list", { name: "Audit log" }).getByRole("listitem");
  await entries.filter({ hasText: "Person disabled" }).waitFor();
  await stage.stop("audit log");

  await page.getByRole("combobox", { name: "What", exact: true }).selectOption({ label: "Role changed" });
  await waitFor("one entry", async () => (await entries.count()) === 1);
  assert.equal(new URL(page.url()).search, "?action=role_changed");
  await entries.first().locator("summary").click();
  const change = entries.first().getByRole("row").nth(1);
  assert.deepEqual(await change.getByRole("cell").allTextContents(), ["qa_viewer", "developer"]);
  await entries.first().getByText("127.0.0.1").waitFor();
  await stage.stop("an entry opened");

  await page.getByRole("combobox", { name: "Who" }).selectOption({ label: "ana@example.com" });
  await page.getByText("Nothing matches").waitFor();
  await stage.stop("no entry fits");
  await page.getByRole("button", { name: "What: Role changed" }).click();
  await page.getByRole("button", { name: /^Who/ }).click();
  await entries.filter({ hasText: "Person disabled" }).waitFor();
  await page.goBack();
  await page.goBack();
  await page.getByText("Nothing matches").waitFor();
  await page.goto(`${stage.daemon.origin}/settings/audit?resource=user&to=2001-01-01`);
  await page.getByText("Until: 2001-01-01").waitFor();
  await page.setViewportSize({ width: 390, height: 844 });
  await page.getByRole("button", { name: "Clear filters" }).click();
  await entries.filter({ hasText: "Person disabled" }).waitFor();
  await stage.stop("audit log on a phone");
}

const status = (stage, token) =>
  fetch(`${stage.daemon.origin}/v1/users/me`, { headers: { authorization: `Bearer ${token}` } }).then(
    (response) => response.status,
  );

async function tokens(stage) {
  await stage.startDaemon();
  const page = await stage.openPage();
  await arrive(stage);
  await page.getByRole("button", { name: "Account and appearance" }).click();
  await page.getByRole("menuitem", { name: "API tokens" }).click();
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

async function members(stage) {
  const { root } = await stage.startDaemon();
  const repository = makeRepository(root, "shop", "Works", { ".oore.yaml": pipelineFile(["true"]) });
  const { project } = await stage.api.project(repository);
  for (const [email, role] of [
    ["dev@example.com", "developer"],
    ["qa@example.com", "qa_viewer"],
  ]) {
    await stage.api.send("POST", "/v1/users/invite", { email, role });
  }
  const page = await stage.openPage();
  await arrive(stage, `/projects/${project.id}`);
  await page.getByRole("link", { name: "Members" }).click();
  await page.getByRole("button", { name: "Add member" }).waitFor();
  await stage.stop("members at first");

  await page.getByRole("button", { name: "Add member" }).click();
  await dialog(page).getByRole("searchbox", { name: "Search people" }).fill("dev@");
  assert.equal(
    await dialog(page)
      .getByRole("radio", { name: /example.com/ })
      .count(),
    1,
  );
  await dialog(page).getByRole("button", { name: "Add", exact: true }).click();
  await dialog(page).getByText("Choose a person.").waitFor();
  await dialog(page).getByRole("radio", { name: "dev@example.com" }).check();
  await dialog(page).getByRole("radio", { name: "Maintainer" }).check();
  await stage.stop("add a member");
  await dialog(page).getByRole("button", { name: "Add", exact: true }).click();
  await row(page, "dev@example.com").waitFor();

  // Whoever made the project may be its maintainer; without them dev is the last one.
  stage.tolerate(/status of 409 .*members/);
  const { members: listed } = await stage.api.send("GET", `/v1/projects/${project.id}/members`);
  for (const member of listed.filter(({ user_email }) => user_email !== "dev@example.com")) {
    await stage.api.send("DELETE", `/v1/projects/${project.id}/members/${member.user_id}`);
  }
  await page.reload();
  const role = page.getByRole("combobox", { name: "Role of dev@example.com" });
  await role.selectOption("viewer");
  await toast(page, "the project would be left without a maintainer").waitFor();
  assert.equal(await role.inputValue(), "maintainer");
  await page.getByRole("button", { name: "Remove dev@example.com" }).click();
  await dialog(page).getByRole("button", { name: "Remove", exact: true }).click();
  await dialog(page).getByText("the project would be left without a maintainer").waitFor();
  await stage.stop("the last maintainer stays");
  await page.keyboard.press("Escape");

  await page.getByRole("button", { name: "Add member" }).click();
  await dialog(page).getByRole("radio", { name: "qa@example.com" }).check();
  await dialog(page).getByText("As a QA viewer never more than a viewer").waitFor();
  await dialog(page).getByRole("radio", { name: "Viewer" }).check();
  await dialog(page).getByRole("button", { name: "Add", exact: true }).click();
  await row(page, "qa@example.com").waitFor();
  await page.getByRole("combobox", { name: "Role of qa@example.com" }).selectOption("developer");
  await toast(page, "qa@example.com is now Developer of the project").waitFor();
  await page.setViewportSize({ width: 390, height: 844 });
  await stage.stop("members on a phone");
  await page.getByRole("button", { name: "Remove qa@example.com" }).click();
  await dialog(page).getByRole("button", { name: "Remove", exact: true }).click();
  await waitFor("the member to be gone", async () => (await row(page, "qa@example.com").count()) === 0);
}

const SETTINGS = ["General", "Access", "People", "Audit log"];

async function roles(stage) {
  const { root } = await stage.startDaemon();
  const repository = makeRepository(root, "shop", "Works", { ".oore.yaml": pipelineFile(["true"]) });
  const { project } = await stage.api.project(repository);
  const users = await activePeople(stage, {
    "admin@example.com": "admin",
    "other-admin@example.com": "admin",
    "dev@example.com": "developer",
    "qa@example.com": "qa_viewer",
  });
  for (const email of ["dev@example.com", "qa@example.com"]) {
    const body = { user_id: users[email].id, role: "viewer" };
    await stage.api.send("POST", `/v1/projects/${project.id}/members`, body);
  }
  stage.tolerate(/status of 404 .*external-access\/oidc/);

  const admin = await openPageAs(stage, "admin@example.com", "/settings");
  for (const name of SETTINGS) await admin.getByRole("main").getByRole("link", { name }).waitFor();
  await stage.stop("settings of an admin");
  await stage.go("/settings/users");
  await row(admin, "dev@example.com").waitFor();
  stage.tolerate(/status of 403 .*users\//);
  await choose(admin, "other-admin@example.com", "Disable");
  await dialog(admin).getByRole("button", { name: "Disable", exact: true }).click();
  await dialog(admin).getByText("only the owner makes, changes or shuts out admins").waitFor();
  await stage.stop("an admin cannot disable another");
  await admin.keyboard.press("Escape");
  await admin.getByRole("button", { name: "Actions for other-admin@example.com" }).click();
  assert.equal(
    await admin.getByRole("menuitem", { name: /^Change role/ }).getAttribute("aria-disabled"),
    "true",
  );
  await admin.keyboard.press("Escape");
  await admin.getByRole("button", { name: "Actions for admin@example.com", exact: true }).click();
  await admin.getByText("Nobody can disable their own account.").waitFor();
  await admin.keyboard.press("Escape");
  await stage.go("/settings/access");
  await admin.getByText("Only the owner changes how people reach the instance").waitFor();
  await admin.getByText("In order").first().waitFor();
  assert.equal(await admin.getByRole("button", { name: /Save|Switch|Test/ }).count(), 0);
  assert.equal(await admin.getByRole("main").getByRole("textbox").count(), 0);
  await stage.stop("access as an admin");
  await admin.context().close();

  const dev = await openPageAs(stage, "dev@example.com");
  assert.equal(
    await dev.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Settings" }).count(),
    0,
  );
  stage.tolerate(/status of 403 .*v1\/(users|audit-logs|settings|api-tokens)/);
  for (const path of [
    "/settings/users",
    "/settings/audit",
    "/settings/access",
    "/settings/general",
    "/settings",
  ]) {
    await stage.go(path);
    await dev.getByText("You don't have access to this").waitFor();
    await dev.getByText("You are signed in as dev@example.com.").waitFor();
    await stage.stop(`denied ${path}`);
  }
  await stage.go("/me/tokens");
  await dev.getByRole("button", { name: "New token" }).click();
  await dialog(dev).getByRole("textbox", { name: "Name" }).waitFor();
  const offered = await dialog(dev)
    .getByRole("combobox", { name: "Role" })
    .locator("option")
    .allTextContents();
  assert.deepEqual(offered, ["Developer", "QA viewer"]);
  await dev.keyboard.press("Escape");
  await stage.go(`/projects/${project.id}/members`);
  await row(dev, "dev@example.com").waitFor();
  assert.equal(await dev.getByRole("button", { name: /Add member|Remove/ }).count(), 0);
  assert.equal(await dev.getByRole("main").getByRole("combobox").count(), 0);
  await stage.stop("members as a viewer");
  await dev.context().close();

  const qa = await openPageAs(stage, "qa@example.com", "/me", PHONE);
  await qa.getByText("QA viewer", { exact: true }).waitFor();
  assert.equal(await qa.getByRole("link", { name: "API tokens" }).count(), 0);
  await stage.stop("account of a QA viewer");
  await stage.go("/me/tokens");
  await qa.getByText("You don't have access to this").waitFor();
  assert.equal(await qa.getByRole("button", { name: "New token" }).count(), 0);
  await stage.stop("tokens denied");
}

async function access(stage) {
  await stage.startDaemon();
  stage.tolerate(/status of 404 .*external-access\/oidc/);
  stage.tolerate(/status of 400 .*v1\/settings/);
  const page = await stage.openPage();
  await arrive(stage, "/settings/access");
  const section = (name) => page.getByRole("region", { name, exact: true });
  await section("Checks").getByText("external access needs a public URL").waitFor();
  await page.getByText(`${stage.daemon.origin}/auth/callback`).waitFor();
  await stage.stop("access of a fresh instance");

  // Refused by the page, then by the server.
  const addresses = section("Addresses");
  await addresses.getByRole("textbox", { name: "Allowed origins" }).fill("https://ci.example.com/");
  await addresses.getByRole("button", { name: "Save addresses" }).click();
  await addresses.getByText("Write it as https://ci.example.com.").waitFor();
  await stage.stop("not an origin");
  await page.getByRole("button", { name: "Switch to: Access proxy" }).click();
  await dialog(page).getByText("All sessions end at once, yours too").waitFor();
  await dialog(page).getByText("oore recovery").waitFor();
  await dialog(page).getByText("Some checks are not in order yet.").waitFor();
  await dialog(page).getByRole("button", { name: "Switch and end all sessions" }).click();
  await dialog(page).getByText("Fill this in.").waitFor();
  await dialog(page).getByRole("textbox", { name: "Type Access proxy to confirm" }).fill("Access proxy");
  await dialog(page).getByRole("button", { name: "Switch and end all sessions" }).click();
  await dialog(page).getByRole("alert").getByText("neither a secret nor an address").waitFor();
  await stage.stop("the server refuses to lock everybody out");
  await page.keyboard.press("Escape");

  const provider = section("Identity provider");
  await provider.getByRole("textbox", { name: "Issuer" }).fill(`${stage.daemon.origin}/nothing`);
  await provider.getByRole("button", { name: "Test connection" }).click();
  await provider.getByText("The provider could not be used").waitFor();
  await stage.stop("no provider there");
  await provider.getByRole("button", { name: "Discard changes" }).click();

  const proxy = section("Access proxy");
  await proxy.getByRole("textbox", { name: "Addresses of the proxy" }).fill("127.0.0.1/32\nnowhere");
  await proxy.getByRole("button", { name: "Save proxy" }).click();
  await proxy.getByText("Line 2: is neither a range nor an address").waitFor();
  await proxy.getByRole("textbox", { name: "Addresses of the proxy" }).fill("127.0.0.1/32");
  await proxy.getByRole("button", { name: "Enter one" }).click();
  await proxy.getByLabel("Shared secret").fill("proxy-secret-1");
  await proxy.getByRole("button", { name: "Save proxy" }).click();
  await proxy.getByText("Stored. It is never shown.").waitFor();
  assert.ok(!(await page.content()).includes("proxy-secret-1"));
  await addresses.getByRole("textbox", { name: "Public address" }).fill("https://ci.example.com");
  await addresses.getByRole("textbox", { name: "Allowed origins" }).fill("https://ci.example.com");
  await addresses.getByRole("button", { name: "Save addresses" }).click();
  await addresses.getByText("Set here").waitFor();
  await page.getByText("https://ci.example.com/auth/callback").first().waitFor();
  await stage.stop("addresses and proxy saved");

  await page.getByRole("button", { name: "Switch to: Access proxy" }).click();
  await dialog(page).getByText("Whether the chosen way itself is set up").waitFor();
  await dialog(page).getByRole("textbox", { name: /^Type/ }).fill("Access proxy");
  await dialog(page).getByRole("button", { name: "Switch and end all sessions" }).click();
  await page.waitForURL("**/login?signed_out=true");
  await stage.api.signIn("owner@local");
  const { preferences } = await stage.api.send("GET", "/v1/settings/preferences");
  assert.equal(preferences.runtime_mode, "remote");
  assert.equal(preferences.remote_auth_mode, "trusted_proxy");
}

async function general(stage) {
  await stage.startDaemon();
  const page = await stage.openPage();
  await arrive(stage);
  await page.getByRole("link", { name: "Settings" }).click();
  await page.getByRole("heading", { level: 1, name: "Settings" }).waitFor();
  await stage.stop("settings");
  await page.getByRole("main").getByRole("link", { name: "General" }).click();
  const hold = page.getByRole("switch", { name: "Hold builds back" });
  await hold.check();
  await toast(page, "New builds wait from now on.").waitFor();
  await stage.api.signIn();
  const held = async () =>
    (await stage.api.send("GET", "/v1/settings/preferences")).preferences.direct_macos_runner_paused;
  assert.equal(await held(), true);
  await hold.uncheck();
  await toast(page, "Builds start again.").waitFor();
  assert.equal(await held(), false);
  await stage.stop("general");
}

export const journeys = [
  { name: "people: invite, role, disable, enable, search", run: people },
  { name: "audit log: entries, filters, details", run: audit },
  { name: "api tokens: make, use, revoke", run: tokens },
  { name: "members of a project", run: members },
  { name: "roles: what each sees of settings", run: roles },
  { name: "access settings: refusals and the switch", run: access },
  { name: "settings: general", run: general },
];
