/** A pipeline's settings as form and as YAML: what the real server finds beside the lines, by keyboard, and the file to commit. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { arrive } from "../support/pages.mjs";
import { makeRepository, pipelineFile } from "../support/repository.mjs";

const box = (page) => page.getByRole("textbox", { name: "Settings as YAML" });
const mode = (page, name) => page.getByRole("button", { name, exact: true });
const problems = (page) => page.getByRole("list", { name: "Problems in the YAML" });

async function editor(stage) {
  const { root } = await stage.startDaemon();
  const repository = makeRepository(root, "shop", "Begin", { ".oore.yaml": pipelineFile(["echo fine"]) });
  const { project, pipeline } = await stage.api.project(repository, "Shop app");
  const page = await stage.openPage();
  await arrive(stage, `/projects/${project.id}/pipelines/${pipeline.id}/edit`);
  await page.getByRole("textbox", { name: /^Before the build/ }).fill("echo before: all # of it");
  await mode(page, "YAML").click();
  await box(page).waitFor();
  assert.match(await box(page).inputValue(), /- "echo before: all # of it"\n/);
  await stage.stop("as text");

  await box(page).focus();
  await page.keyboard.press("Control+End");
  await page.keyboard.type("comands:\nbuild: [x]");
  await problems(page).getByText("did you mean 'commands'?").waitFor();
  await stage.stop("what the server finds");
  await page.emulateMedia({ colorScheme: "dark" });
  await stage.stop("what the server finds, in the dark");
  await page.emulateMedia({ colorScheme: "light" });
  const text = await box(page).inputValue();
  assert.ok(text.endsWith("comands:\n  build: [x]"), "Enter goes further in after a key");
  await mode(page, "Form").click();
  await page.getByRole("alert").getByText("The text has errors").waitFor();
  assert.equal(await box(page).inputValue(), text);
  await problems(page)
    .getByRole("button", { name: /^Line \d+, column 1$/ })
    .click();
  await page.keyboard.press("Tab");
  await page.waitForFunction(() => document.activeElement?.value.includes("\n  comands:"));
  await page.keyboard.press("Control+z");
  assert.equal(await box(page).inputValue(), text);
  await page.keyboard.press("Escape");
  await page.keyboard.press("Tab");
  assert.equal(await box(page).evaluate((area) => document.activeElement === area), false);

  await box(page).fill("version: 1\nplatforms: [android, ios]\ncommands:\n  build:\n    - make # it\n");
  await problems(page).waitFor({ state: "detached" });
  await mode(page, "Form").click();
  assert.equal(await page.getByRole("textbox", { name: /^Build ?\(optional\)$/ }).inputValue(), "make");
  assert.ok(await page.getByRole("checkbox", { name: "iOS" }).isChecked());
  await mode(page, "YAML").click();
  assert.match(await box(page).inputValue(), /- make # it\n/);
  await page.getByText("Stored in the repository at .oore.yaml").waitFor();
  await page.getByRole("button", { name: "Save pipeline" }).click();
  const review = page.getByRole("dialog", { name: "Save these changes?" });
  await review.getByText("make", { exact: false }).first().waitFor();
  await stage.stop("what changes, before it is saved");
  await review.getByRole("button", { name: "Save these changes" }).click();
  await page.getByRole("heading", { level: 1, name: pipeline.name, exact: true }).waitFor();
  const saved = await stage.api.send("GET", `/v1/pipelines/${pipeline.id}`);
  assert.deepEqual(saved.pipeline.execution_config.commands.build, ["make"]);
  assert.deepEqual(saved.pipeline.execution_config.platforms, ["android", "ios"]);
}

async function file(stage) {
  const { root } = await stage.startDaemon();
  const { project } = await stage.api.project(
    makeRepository(root, "shop", "Begin", { "a.txt": "a" }),
    "Shop",
  );
  const page = await stage.openPage({ width: 390, height: 844, pointer: "coarse" });
  await arrive(stage, `/projects/${project.id}/pipelines/new`);
  await page.getByRole("textbox", { name: "Name" }).fill("Nightly");
  await mode(page, "YAML").click();
  await page.getByRole("button", { name: "Show an example of version 2" }).click();
  await page.getByText("Version 2 lives in the repository").waitFor();
  const example = await box(page).inputValue();
  assert.match(example, /^version: 2\n/);
  await page.getByText("The server accepts these settings.").waitFor();
  assert.equal(await problems(page).count(), 0, "the server accepts the example");
  await stage.stop("a file of version 2 on a phone");
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: "Download .oore.yaml" }).click(),
  ]);
  assert.equal(readFileSync(await download.path(), "utf8"), example);
  assert.match(download.suggestedFilename(), /oore\.yaml$/);
  await page.getByRole("button", { name: "Create pipeline" }).click();
  await page.getByRole("alert").getByText("version 2 can be neither saved here").waitFor();
  await page.getByRole("button", { name: "Back to the settings" }).click();
  await page.getByRole("button", { name: "Create pipeline" }).click();
  await page.getByRole("heading", { level: 1, name: "Nightly", exact: true }).waitFor();
}

const TEMPLATES = ["Debug APK", "Release Android", "iOS ad hoc", "iOS + Android", "Tests only", "Custom"];

async function templates(stage) {
  const { root } = await stage.startDaemon();
  const { project } = await stage.api.project(
    makeRepository(root, "shop", "Begin", { "a.txt": "a" }),
    "Shop",
  );
  const page = await stage.openPage();
  await arrive(stage, `/projects/${project.id}/pipelines/new`);
  await page.getByText("Stored here", { exact: true }).waitFor();
  await mode(page, "YAML").click();
  await box(page).waitFor();
  for (const name of TEMPLATES) {
    const before = await box(page).inputValue();
    await page.getByRole("radio", { name, exact: true }).check();
    await page.waitForFunction(
      (old) => [...document.querySelectorAll("textarea")].every(({ value }) => value !== old),
      before,
    );
    const text = await box(page).inputValue();
    const answer = await stage.api.send("POST", "/v1/pipelines/validate", { repository_yaml: text });
    assert.deepEqual([name, answer.errors], [name, []]);
    await page.getByText("The server accepts these settings.").waitFor();
  }
  await page.getByRole("radio", { name: "Tests only", exact: true }).check();
  await page
    .getByRole("region", { name: "A build with these settings" })
    .getByText("flutter analyze")
    .waitFor();
  await stage.stop("a template with its plan");
  await page.getByRole("button", { name: "Create pipeline" }).click();
  await page.getByRole("heading", { level: 1, name: "Tests only", exact: true }).waitFor();
}

export const journeys = [
  { name: "a pipeline is edited as form and as YAML", run: editor },
  { name: "every template of a new pipeline is valid for the server", run: templates },
  { name: "a pipeline file of version 2 is written and checked", run: file },
];
