/** The audit log, access settings with their refusals and their guard, and general settings. */
import assert from "node:assert/strict";
import { arrive } from "../support/pages.mjs";
import { waitFor } from "../support/wait.mjs";
import { dialog, toast } from "../support/widgets.mjs";

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

async function access(stage) {
  await stage.startDaemon();
  stage.tolerate(/status of 404 .*external-access\/oidc/);
  stage.tolerate(/status of 400 .*v1\/(settings|users\/me)/);
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

  // The owner of a first run says who they are, or the proxy could never name them.
  await page.getByRole("button", { name: "Switch to: Access proxy" }).click();
  await dialog(page).getByText("nobody can sign in from elsewhere as owner@local").waitFor();
  await stage.stop("the owner has no address yet");
  await dialog(page).getByRole("link", { name: "Change my address" }).click();
  await page.getByText("This address stands for whoever is at the machine.").waitFor();
  const address = page.getByRole("textbox", { name: "E-mail address" });
  await address.fill("nobody");
  await page.getByRole("button", { name: "Save address" }).click();
  await page.getByText("this is not an e-mail address").waitFor();
  await stage.stop("not an address");
  await address.fill("owner@example.com");
  await page.getByRole("button", { name: "Save address" }).click();
  await toast(page, "Your address is changed.").waitFor();
  await stage.stop("the owner has an address");
  await stage.go("/settings/access");

  await page.getByRole("button", { name: "Switch to: Access proxy" }).click();
  await dialog(page).getByText("The trusted proxy is configured").waitFor();
  await dialog(page).getByRole("textbox", { name: /^Type/ }).fill("Access proxy");
  // The page hears of the change and may ask again before it hears that its session has ended.
  stage.tolerate(/status of 401 .*v1\/bootstrap/);
  await dialog(page).getByRole("button", { name: "Switch and end all sessions" }).click();
  await page.waitForURL("**/login");
  await page.getByText("Your session is no longer valid").waitFor();
  await stage.api.signIn("owner@example.com");
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
  await page.getByRole("button", { name: "Pause building" }).click();
  await dialog(page).getByRole("textbox", { name: "Reason" }).fill("new disk for the mac");
  await stage.stop("why building is paused");
  await page.keyboard.press("Enter");
  await toast(page, "New builds wait from now on.").waitFor();
  await stage.api.signIn();
  const held = async () =>
    (await stage.api.send("GET", "/v1/settings/preferences")).preferences.direct_macos_runner_paused;
  assert.equal(await held(), true);
  await page.getByRole("link", { name: "Runners" }).click();
  await page.getByText("Building is paused").waitFor();
  await page.getByText("new disk for the mac").waitFor();
  await stage.stop("runners while building is paused");
  await page.getByRole("main").getByRole("link", { name: "Settings" }).click();
  await page.getByRole("button", { name: "Resume building" }).click();
  await toast(page, "Builds start again.").waitFor();
  assert.equal(await held(), false);
  await stage.stop("general");
}

export const journeys = [
  { name: "audit log: entries, filters, details", run: audit },
  { name: "access settings: refusals and the switch", run: access },
  { name: "settings: general", run: general },
];
