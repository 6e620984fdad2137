/** Releases: as a tester on a phone sees them, from the first page to the bytes; and how somebody sends one to a phone. */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { arrive } from "../support/pages.mjs";
import { activePeople, OWNER, openPageAs } from "../support/people.mjs";
import { commit, makeRepository, pipelineFile } from "../support/repository.mjs";
import { dialog } from "../support/widgets.mjs";

const TESTER = "tess@example.com";
const ANDROID =
  "Mozilla/5.0 (Linux; Android 16; Pixel 9) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36";
const PHONE = { width: 390, height: 844, pointer: "coarse", userAgent: ANDROID };

const current = (page, subject) =>
  page.getByRole("region", { name: "To test now" }).getByText(subject).first();

/** Two releases, a third under way until the gate opens, and a tester of the project. */
async function scenery(stage) {
  const { root } = await stage.startDaemon();
  const gate = join(root, "go-on");
  const build = ["mkdir -p out", "cp app.txt out/shop-release.apk", "echo bundle > out/shop-release.aab"];
  const files = (version, more = []) => ({
    "app.txt": version,
    ".oore.yaml": pipelineFile([...build, ...more]),
  });
  const shop = makeRepository(root, "shop", "Sell things", files("1"));
  const app = await stage.api.project(shop);
  await stage.api.ended((await stage.api.run(app)).id);
  commit(shop, "Fix the crash of the checkout on old phones", files("2"));
  await stage.api.ended((await stage.api.run(app)).id);
  const users = await activePeople(stage, { [TESTER]: "qa_viewer" });
  // Links lead to where the daemon was asked again.
  await stage.api.send("PUT", "/v1/settings/external-access/network", { allowed_origins: [] });
  const member = { user_id: users[TESTER].id, role: "viewer" };
  await stage.api.send("POST", `/v1/projects/${app.project.id}/members`, member);
  commit(shop, "Add a dark mode", files("3", [`until [ -e ${gate} ]; do sleep 0.1; done`]));
  const coming = await stage.api.run(app);
  return { app, coming, open: () => writeFileSync(gate, "") };
}

async function tester(stage) {
  const { app, coming, open } = await scenery(stage);
  const phone = await openPageAs(stage, TESTER, "/", PHONE);
  await phone.waitForURL(/\/releases$/);
  assert.equal(await phone.getByRole("link", { name: "Home" }).count(), 0);
  await stage.stop("releases of a tester");

  await phone.getByRole("main").getByRole("link", { name: "Shop app" }).click();
  await current(phone, "Fix the crash").waitFor();
  await phone.getByRole("region", { name: "Under way" }).getByText("Add a dark mode").waitFor();
  await phone.getByText("Sell things").waitFor();
  assert.equal(await phone.getByRole("button", { name: /to my phone/ }).count(), 0);
  await stage.stop("app of a tester");

  const arriving = phone.waitForEvent("download");
  await phone.getByRole("button", { name: "Install on this phone" }).click();
  const file = await arriving;
  assert.equal(file.suggestedFilename(), "shop-release.apk");
  assert.equal(readFileSync(await file.path(), "utf8"), "2");
  await phone.getByText("All files and their checksums").click();
  await phone.getByText("For a store, not for a phone").waitFor();
  await stage.stop("files of a release");

  open();
  await current(phone, "Add a dark mode").waitFor({ timeout: 60_000 });
  await phone.getByRole("link", { name: "Fix the crash" }).click();
  await phone.waitForURL(/\/releases\/[^/]+\/[^/]+$/);
  await phone.getByRole("button", { name: "Download shop-release.apk" }).waitFor();
  await stage.stop("an earlier release");

  const { session_token } = await stage.api.localSession(TESTER);
  const { artifacts } = await stage.api.send("GET", `/v1/builds/${coming.id}/artifacts`);
  const link = `/v1/artifacts/${artifacts[0].id}/scoped-token`;
  assert.equal(await stage.api.as(session_token).refused("POST", link, {}), "403 permission_denied");
  await phone.context().close();

  const page = await openPageAs(stage, OWNER, `/projects/${app.project.id}/releases`, {
    colorScheme: "dark",
  });
  await current(page, "Add a dark mode").waitFor();
  await stage.stop("releases of a project");
  await page.getByRole("button", { name: "Send shop-release.apk to my phone" }).click();
  await dialog(page).getByRole("img", { name: "QR code of the link to shop-release.apk" }).waitFor();
  await stage.stop("a release for a phone");
  const [address] = /http\S+\/install\/artifact\/\S+/.exec(await dialog(page).innerText()) ?? [];
  assert.equal(await (await fetch(address)).text(), "3");
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });
  await page.keyboard.press("g");
  await page.keyboard.press("e");
  await page.getByRole("heading", { level: 1, name: "Releases" }).waitFor();
  await page.getByRole("main").getByRole("link", { name: "Shop app" }).waitFor();
  await page.keyboard.press("j");
  await page.keyboard.press("Enter");
  await current(page, "Add a dark mode").waitFor();
  await stage.stop("an app by the keyboard");
}

/** With nothing to test the page says what would be here, also on the smallest window. */
async function nothing(stage) {
  await stage.startDaemon();
  await stage.openPage({ width: 320, height: 640 });
  await arrive(stage, "/releases");
  await stage.page.getByText("No releases yet").waitFor();
  await stage.stop("no releases");
  await stage.page.getByRole("button", { name: "More" }).click();
  await stage.page.getByRole("menuitem", { name: "Runners" }).waitFor();
  await stage.stop("more on a phone");
  await stage.page.getByRole("menuitem", { name: "Runners" }).click();
  await stage.page.waitForURL(/\/runners$/);
}

export const journeys = [
  { name: "releases: a tester on a phone, and a way to it", run: tester },
  { name: "releases: none yet", run: nothing },
];
