/** People and members of a project, each by the page, against the rules of the real daemon; and what each role sees. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { arrive } from "../support/pages.mjs";
import { activePeople, OWNER, openPageAs } from "../support/people.mjs";
import { makeRepository, pipelineFile } from "../support/repository.mjs";
import { waitFor } from "../support/wait.mjs";
import { cell, dialog, row, toast } from "../support/widgets.mjs";

const PHONE = { width: 390, height: 844, colorScheme: "dark" };

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

  assert.equal(await page.getByRole("button", { name: "Actions for owner@local" }).count(), 0);

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

  // The keyboard goes on where the dialog was asked for.
  await choose(page, "ana@example.com", "Change role");
  await dialog(page).getByRole("combobox", { name: "Role" }).waitFor();
  await page.keyboard.press("Escape");
  await waitFor("the focus to be back", () =>
    page.evaluate(() => document.activeElement?.getAttribute("aria-label") === "Actions for ana@example.com"),
  );
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

const CSV = ["email,role", "ana@example.com,admin", "ben@example.com,developer", "nonsense,developer"];

async function exchange(stage) {
  await stage.startDaemon();
  await stage.api.signIn();
  await stage.api.send("POST", "/v1/users/invite", { email: "ana@example.com", role: "developer" });
  const page = await stage.openPage();
  await arrive(stage, "/settings/users");
  await page.getByRole("button", { name: "Import" }).click();
  await dialog(page)
    .getByLabel("CSV file")
    .setInputFiles({ name: "people.csv", mimeType: "text/csv", buffer: Buffer.from(CSV.join("\n")) });
  await waitFor("the file to be read", async () =>
    (await dialog(page).getByRole("textbox", { name: "CSV" }).inputValue()).includes("ben@"),
  );
  await stage.stop("lines to import");
  await dialog(page).getByRole("button", { name: "Check" }).click();
  await dialog(page).getByText("1 to invite, 1 to change, 0 unchanged, 1 with errors").waitFor();
  const people = async () => (await stage.api.send("GET", "/v1/users")).users;
  assert.equal((await people()).length, 2, "checking changes nothing");
  await stage.stop("what an import would do");
  assert.equal(
    await dialog(page)
      .getByRole("button", { name: /^Apply/ })
      .count(),
    0,
  );
  await dialog(page).getByRole("button", { name: "Change the lines" }).click();
  await dialog(page).getByRole("textbox", { name: "CSV" }).fill(CSV.slice(0, 3).join("\n"));
  await dialog(page).getByRole("button", { name: "Check" }).click();
  await dialog(page).getByRole("button", { name: "Apply 2 changes" }).click();
  await cell(page, "ben@example.com", "Developer").waitFor();
  await cell(page, "ana@example.com", "Admin").waitFor();

  const saved = page.waitForEvent("download");
  await page.getByRole("button", { name: "Export" }).click();
  const file = await saved;
  assert.equal(file.suggestedFilename(), "people.csv");
  const lines = readFileSync(await file.path(), "utf8")
    .trim()
    .split(/\r?\n/);
  assert.equal(lines.length, 4);
  assert.ok(lines.some((line) => line.includes("ana@example.com") && line.includes("admin")));

  await stage.go("/settings/audit?action=user_invited");
  const entries = page.waitForEvent("download");
  await page.getByRole("button", { name: "Export" }).click();
  const log = readFileSync(await (await entries).path(), "utf8")
    .trim()
    .split(/\r?\n/);
  assert.equal(log.length, 3, log.join("\n"));
  assert.ok(log.slice(1).every((line) => line.includes("user_invited")));
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
  for (const email of [OWNER, "admin@example.com", "other-admin@example.com"]) {
    const actions = admin.getByRole("button", { name: `Actions for ${email}`, exact: true });
    assert.equal(await actions.count(), 0, email);
  }
  await choose(admin, "dev@example.com", "Change role");
  await dialog(admin).getByRole("combobox", { name: "Role" }).waitFor();
  const given = await dialog(admin).getByRole("option").allTextContents();
  assert.deepEqual(given, ["Developer", "QA viewer"]);
  await stage.stop("roles that an admin may give");
  await admin.keyboard.press("Escape");
  await stage.go("/settings/access");
  await admin.getByText("Only the owner changes how people reach the instance").waitFor();
  await admin.getByText("In order").first().waitFor();
  assert.equal(await admin.getByRole("button", { name: /Save|Switch|Test/ }).count(), 0);
  assert.equal(await admin.getByRole("main").getByRole("textbox").count(), 0);
  await stage.stop("access as an admin");
  await admin.context().close();

  const dev = await openPageAs(stage, "dev@example.com");
  await dev.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Settings" }).waitFor();
  stage.tolerate(/status of 403 .*v1\/(users|audit-logs|settings|api-tokens)/);
  for (const path of ["/settings/users", "/settings/audit", "/settings/access", "/settings/general"]) {
    await stage.go(path);
    await dev.getByText("You don't have access to this").waitFor();
    await dev.getByText("You are signed in as dev@example.com.").waitFor();
    await stage.stop(`denied ${path}`);
  }
  // Developers may read where code comes from, and nothing else of the settings.
  await stage.go("/settings");
  await dev.getByRole("main").getByRole("link", { name: "Sources" }).first().waitFor();
  assert.equal(await dev.getByRole("main").getByRole("link", { name: "People" }).count(), 0);
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

export const journeys = [
  { name: "people: invite, role, disable, enable, search", run: people },
  { name: "people by file: import, export", run: exchange },
  { name: "members of a project", run: members },
  { name: "roles: what each sees of settings", run: roles },
];
