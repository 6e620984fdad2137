/** The page of the API at /docs: a pasted token signs in there, bodies show examples, and what is tried is sent. */
import assert from "node:assert/strict";

const operation = (page, id) => page.locator(`[id$="-${id}"]`);

async function tried(page, id) {
  const block = operation(page, id);
  await block.getByRole("button", { name: "Execute" }).click();
  const status = block.locator(".live-responses-table tbody .response-col_status");
  return (await status.first().innerText()).trim();
}

async function apiPage(stage) {
  await stage.startDaemon();
  await stage.api.signIn();
  const made = await stage.api.send("POST", "/v1/api-tokens", { name: "Scripts", role: "owner" });
  const page = await stage.openPage();
  stage.tolerate(/401 \(Unauthorized\)/);
  await stage.go("/docs/");
  await page.getByRole("heading", { name: /^Oore CI/ }).waitFor();

  await operation(page, "list_users").locator(".opblock-summary-control").click();
  assert.equal(await tried(page, "list_users"), "401");

  await page.getByRole("button", { name: "Authorize" }).first().click();
  const dialog = page.locator(".dialog-ux");
  await dialog.getByRole("textbox").fill(made.token);
  await dialog.getByRole("button", { name: "Apply credentials" }).click();
  await dialog.getByRole("button", { name: "Close" }).first().click();
  // No filter is filled in for them: what is shown is everybody.
  assert.equal(await tried(page, "list_users"), "200");

  await operation(page, "invite_user").locator(".opblock-summary-control").click();
  const body = await operation(page, "invite_user").locator("textarea.body-param__text").inputValue();
  assert.equal(JSON.parse(body).email, "jonas@example.com");
  assert.equal(await tried(page, "invite_user"), "201");
  const { users } = await stage.api.send("GET", "/v1/users");
  assert.ok(users.some(({ email }) => email === "jonas@example.com"));
}

export const journeys = [{ name: "API page: a pasted token and examples that can be sent", run: apiPage }];
