/** The page of the API at /docs: a pasted token signs in there, bodies show examples, and what is tried is sent. */
import assert from "node:assert/strict";

const operation = (page, id) => page.locator(`[id$="-${id}"]`);

/** Sends it and waits for this status: that of the time before stands there until the answer has come. */
async function tryFor(page, id, status) {
  const block = operation(page, id);
  await block.getByRole("button", { name: "Execute" }).click();
  const shown = block.locator(".live-responses-table tbody .response-col_status").first();
  await shown.filter({ hasText: status }).waitFor();
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
  await tryFor(page, "list_users", "401");

  await page.getByRole("button", { name: "Authorize" }).first().click();
  const dialog = page.locator(".dialog-ux");
  await dialog.getByRole("textbox").fill(made.token);
  await dialog.getByRole("button", { name: "Apply credentials" }).click();
  await dialog.getByRole("button", { name: "Close" }).first().click();
  // No filter is filled in for them: what is shown is everybody.
  await tryFor(page, "list_users", "200");

  await operation(page, "invite_user").locator(".opblock-summary-control").click();
  const body = await operation(page, "invite_user").locator("textarea.body-param__text").inputValue();
  assert.equal(JSON.parse(body).email, "jonas@example.com");
  await tryFor(page, "invite_user", "201");
  const { users } = await stage.api.send("GET", "/v1/users");
  assert.ok(users.some(({ email }) => email === "jonas@example.com"));
}

export const journeys = [{ name: "API page: a pasted token and examples that can be sent", run: apiPage }];
