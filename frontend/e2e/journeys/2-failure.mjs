/** A red build says why before anything else, links to the line, and is run again after the fix. */
import assert from "node:assert/strict";
import { arrive, log, waitForLine, waitForStatus } from "../support/pages.mjs";
import { makeRepository, pipelineFile } from "../support/repository.mjs";
import { waitFor } from "../support/wait.mjs";
import { dialog } from "../support/widgets.mjs";

const BUILD = [
  "echo compiling",
  'for i in $(seq 1 300); do echo note $i; done; echo "lib/main.dart:12:3: Error: Expected ; after this."; exit 3',
];

async function failure(stage) {
  const { root } = await stage.startDaemon();
  const repository = makeRepository(root, "shop", "Break the build", { ".oore.yaml": pipelineFile(BUILD) });
  const scene = await stage.api.project(repository);
  const first = await stage.api.run(scene);
  const page = await stage.openPage();
  await arrive(stage, `/builds/${first.id}`);
  await waitForStatus(page, "Failed");

  const card = page.getByRole("region", { name: /Why it failed/ });
  await card.getByRole("heading", { name: /Step build-2 failed/ }).waitFor();
  await card.getByText("exit code 3", { exact: true }).waitFor();
  const cause = card.getByRole("button", { name: /Error: Expected ; after this/ });
  await cause.waitFor();
  assert.equal(await log(page).count(), 0, "the failure stands alone, the log is a view away");
  await stage.stop("failed build");

  await cause.click();
  await waitFor("the line to be selected", () =>
    page.locator(".log-selected", { hasText: "Expected ;" }).count(),
  );
  assert.match(new URL(page.url()).search, /step=build-2/);
  assert.match(new URL(page.url()).hash, /^#L\d+$/);
  const link = page.url();
  await page.reload();
  await waitFor("the link to lead back to the line", () =>
    page.locator(".log-selected", { hasText: "Expected ;" }).count(),
  );
  assert.equal(page.url(), link);
  await stage.stop("linked line");

  await page.getByRole("button", { name: "Re-run" }).click();
  await page.waitForURL((url) => !url.pathname.endsWith(first.id));
  await page.getByRole("region", { name: "Facts" }).getByText("#2", { exact: true }).waitFor();
  await waitForStatus(page, "Failed");
  // It may be over before its page is there.
  await page.keyboard.press("1");
  await card.getByText("Failing since").waitFor();
  await stage.stop("failed again");
  await page.getByRole("link", { name: "first build" }).click();
  await page.waitForURL((url) => url.pathname.endsWith(first.id));
}

async function silentStart(stage) {
  const { root } = await stage.startDaemon();
  const file = `${pipelineFile(["true"])}surprise: 1\n`;
  const repository = makeRepository(root, "shop", "Add an unknown key", { ".oore.yaml": file });
  const made = await stage.api.project(repository);
  const build = await stage.api.run(made);
  const page = await stage.openPage();
  await arrive(stage, `/builds/${build.id}`);
  await waitForStatus(page, "Failed");
  const card = page.getByRole("region", { name: /Why it failed/ });
  await card
    .getByText(/surprise/)
    .first()
    .waitFor();
  await stage.stop("broken pipeline file");
  await page.keyboard.press("2");
  assert.equal(
    await waitForLine(page, "oore-step {", 200).catch(() => "none"),
    "none",
    "markers stay hidden",
  );
  await stage.go(`/projects/${made.project.id}/pipelines/${made.pipeline.id}`);
  await page.getByRole("button", { name: "Run build" }).click();
  await dialog(page)
    .getByText(/surprise: unknown key/)
    .waitFor();
  await stage.stop("the run dialog says what is wrong with the file");
}

const REPORT = [
  "<testsuite>",
  '<testcase name="cart adds" time="0.2"/>',
  '<testcase name="cart shows the total" file="test/cart_test.dart" time="1.5">',
  '<failure message="Expected: exactly one widget">test/cart_test.dart 19:5  main</failure></testcase>',
  "</testsuite>",
].join("");
const TESTS = [
  "echo '  error • Undefined name • lib/cart.dart:3:7 • undefined_identifier'",
  `printf '%s' '${REPORT}' > "$OORE_REPORTS/tests.xml"; exit 1`,
];

async function failingTests(stage) {
  const { root } = await stage.startDaemon();
  const repository = makeRepository(root, "shop", "Break a test", { ".oore.yaml": pipelineFile(TESTS) });
  const build = await stage.api.run(await stage.api.project(repository));
  const page = await stage.openPage();
  await arrive(stage, `/builds/${build.id}`);
  await waitForStatus(page, "Failed");
  const card = page.getByRole("region", { name: /Why it failed/ });
  await card.getByRole("link", { name: "1 test failed" }).click();
  const failures = page.getByRole("region", { name: "1 test failed" });
  await failures.getByText("Expected: exactly one widget").waitFor();
  await failures.getByText("test/cart_test.dart:19").first().waitFor();
  await page.getByRole("region", { name: "Analysis" }).getByText("Undefined name").waitFor();
  await stage.stop("failed tests");
  const name = failures.locator("summary");
  await name.focus();
  await page.keyboard.press("Enter");
  await failures.getByText("Expected: exactly one widget").waitFor({ state: "detached" });
  await page.getByLabel("Search by name or file").fill("adds");
  const all = page.getByRole("region", { name: "All tests" });
  await all.getByText("cart shows the total").waitFor({ state: "detached" });
  await all.getByText("cart adds").waitFor();
}

export const journeys = [
  { name: "a failing build shows its cause and is run again", run: failure },
  { name: "a test that fails is shown with what it says", run: failingTests },
  { name: "a broken pipeline file is named with its key", run: silentStart },
];
