/** Builds that run the same again, and the builds of a matrix, over the real route tree. */
import { beforeEach, expect, test } from "bun:test";
import { screen, waitFor, within } from "@testing-library/react";
import { axeFindings, openApp } from "./app.tsx";
import { daemonWith, redBuild, redDaemon, withLogs } from "./fake/builds.ts";
import type { FakeDaemon } from "./fake/daemon.ts";
import { aBuild } from "./fake/data.ts";
import { absent, button, requests } from "./find.ts";

beforeEach(withLogs);

test("a failed build runs again from the start or from its failed step", async () => {
  const daemon = redDaemon();
  daemon.rerun = { failed_step: "build-1" };
  const { user, router, container } = openApp("/builds/b1", { daemon });
  await user.click(await screen.findByRole("button", { name: "Other ways to start again" }));
  const choice = await screen.findByRole("menuitem", { name: "From the failed step: build-1" });
  expect(screen.getAllByRole("menuitem").length).toBe(1);
  expect(await axeFindings(container)).toEqual([]);
  await user.click(choice);
  await waitFor(() => expect(router.state.location.pathname).toBe("/builds/b2"));
  expect(daemon.bodies).toContainEqual({ from: "failed_step" });
});

test("while a build is made again a second choice makes no other", async () => {
  const daemon = redDaemon();
  daemon.rerun = { failed_step: "build-1" };
  const answer = Promise.withResolvers<void>();
  daemon.more.push([
    /^POST \/v1\/builds\/b1\/rerun$/,
    () => answer.promise.then(() => ({ build: aBuild({ id: "b2", build_number: 2 }) })),
  ]);
  const { user } = openApp("/builds/b1", { daemon });
  await user.click(await screen.findByRole("button", { name: "Re-run" }));
  await user.click(screen.getByRole("button", { name: "Other ways to start again" }));
  const choice = await screen.findByRole("menuitem", { name: /^From the failed step: build-1/ });
  expect(choice.getAttribute("aria-disabled")).toBe("true");
  await user.click(choice);
  answer.resolve();
  expect(await screen.findByText("Build #2 queued")).toBeDefined();
  expect(requests(daemon, "POST /v1/builds/b1/rerun").length).toBe(1);
});

/** A failed build whose file declares inputs. */
function withInputs(): FakeDaemon {
  const daemon = redDaemon();
  daemon.builds = [{ ...redBuild(), config_snapshot: { inputs: { flavor: "staging", notes: "try" } } }];
  daemon.inputs = [
    { name: "flavor", type: "choice", options: ["production", "staging"], default: "production" },
    { name: "notes", type: "string" },
  ];
  return daemon;
}

async function askForInputs(daemon: FakeDaemon) {
  const app = openApp("/builds/b1", { daemon });
  await app.user.click(await button("Other ways to start again"));
  await app.user.click(await screen.findByRole("menuitem", { name: "With other inputs…" }));
  return { ...app, dialog: within(await screen.findByRole("dialog", { name: "Run #7 again" })) };
}

test("a build runs again with other inputs: those it had are filled in, and what changed is sent", async () => {
  const daemon = withInputs();
  daemon.rerun = { failed_step: "build-1" };
  const { user, router, dialog } = await askForInputs(daemon);
  const flavor = await dialog.findByRole("combobox", { name: /^flavor/ });
  expect((flavor as HTMLSelectElement).value).toBe("staging");
  expect(dialog.getByRole<HTMLInputElement>("textbox", { name: /^notes/ }).value).toBe("try");
  expect(requests(daemon, "GET /v1/pipelines/l1/inputs")).toEqual([
    `GET /v1/pipelines/l1/inputs?commit_sha=${daemon.builds[0]?.commit_sha}`,
  ]);
  expect(await axeFindings(document.body)).toEqual([]);
  await user.selectOptions(flavor, "production");
  await user.click(dialog.getByRole("checkbox", { name: "From the failed step: build-1" }));
  await user.click(dialog.getByRole("button", { name: "Re-run" }));
  await waitFor(() => expect(router.state.location.pathname).toBe("/builds/b2"));
  expect(daemon.bodies).toEqual([{ from: "failed_step", inputs: { flavor: "production" } }]);
  await absent(() => screen.queryByRole("dialog"));
});

test("an input that is refused says so at its field, which gets the focus", async () => {
  const daemon = withInputs();
  daemon.failOn("POST /v1/builds/b1/rerun", {
    status: 400,
    code: "invalid_input",
    error: "an input is wrong",
    fields: [{ field: "inputs.notes", message: "must not be blank" }],
  });
  const { user, dialog, router } = await askForInputs(daemon);
  const notes = await dialog.findByRole("textbox", { name: /^notes/ });
  await user.clear(notes);
  await user.click(dialog.getByRole("button", { name: "Re-run" }));
  expect(await dialog.findByText("must not be blank")).toBeDefined();
  expect(notes.getAttribute("aria-invalid")).toBe("true");
  await waitFor(() => expect(document.activeElement === notes).toBe(true));
  expect(router.state.location.pathname).toBe("/builds/b1");
  daemon.recover();
  await user.click(dialog.getByRole("button", { name: "Re-run" }));
  await waitFor(() => expect(router.state.location.pathname).toBe("/builds/b2"));
  expect(daemon.bodies).toEqual([{ from: "start", inputs: { notes: "" } }]);
});

test("inputs that can't be read are said in the dialog and asked for again", async () => {
  const daemon = withInputs();
  daemon.failOn("GET /v1/pipelines/l1/inputs", {
    status: 409,
    code: "source_unresolvable",
    error: "the code host is away",
  });
  const { user, dialog } = await askForInputs(daemon);
  expect(await dialog.findByText("the code host is away")).toBeDefined();
  expect(dialog.queryByRole("button", { name: "Re-run" }) === null).toBe(true);
  daemon.recover();
  await user.click(dialog.getByRole("button", { name: "Try again" }));
  expect(await dialog.findByRole("combobox", { name: /^flavor/ })).toBeDefined();
});

test("without a step to go on from there is one way to run again", async () => {
  const { user, router } = openApp("/builds/b1", { daemon: redDaemon() });
  await screen.findByRole("button", { name: "Re-run" });
  expect(screen.queryByRole("button", { name: "Other ways to start again" })).toBeNull();
  await user.click(screen.getByRole("button", { name: "Re-run" }));
  await waitFor(() => expect(router.state.location.pathname).toBe("/builds/b2"));
  expect(document.body.textContent).toContain("Build #2 queued");
});

test("a build shows its runs and the rest of its matrix", async () => {
  const daemon = daemonWith([aBuild({ matrix: { flavor: "prod", platform: "android" } })]);
  daemon.related = {
    chain: [
      { id: "b0", build_number: 3, status: "failed", matrix: { flavor: "prod", platform: "android" } },
      { id: "b1", build_number: 7, status: "succeeded", source_build_id: "b0", from_step: "Deploy" },
    ],
    matrix: [
      { id: "b1", build_number: 7, status: "succeeded", matrix: { flavor: "prod", platform: "android" } },
      { id: "b5", build_number: 5, status: "failed", matrix: { flavor: "prod", platform: "ios" } },
    ],
  };
  const { container } = openApp("/builds/b1", { daemon });
  expect(await button("Run 2 of 2")).toBeDefined();
  const siblings = within(screen.getByRole("list", { name: "All builds of this matrix" }));
  expect(siblings.getAllByRole("listitem").map((item) => item.textContent)).toEqual([
    "prod · android #7Passed",
    "prod · ios #5Failed",
  ]);
  expect(siblings.getByRole("link", { name: "prod · ios #5" }).getAttribute("href")).toContain("/builds/b5");
  const facts = screen.getByRole("region", { name: "Facts" });
  expect(within(facts).getByText("prod · android")).toBeDefined();
  expect(await axeFindings(container)).toEqual([]);
});

test("another run of the same is shown in the same view, by keys alone", async () => {
  const daemon = daemonWith([
    aBuild({ status: "failed", build_number: 3 }),
    aBuild({ id: "b2", build_number: 7, source_build_id: "b1" }),
  ]);
  daemon.related = {
    chain: [
      { id: "b1", build_number: 3, status: "failed" },
      { id: "b2", build_number: 7, status: "succeeded", source_build_id: "b1", from_step: "Deploy" },
    ],
    matrix: [],
  };
  const { user, router, container } = openApp("/builds/b1?view=config", { daemon });
  const runs = await button("Run 1 of 2 · #7 Passed · from Deploy");
  runs.focus();
  await user.keyboard("{Enter}");
  const choices = await screen.findAllByRole("menuitemcheckbox");
  expect(choices.map((choice) => [choice.textContent, choice.getAttribute("aria-checked")])).toEqual([
    ["#7 Passed · from Deploy", "false"],
    ["#3 Failed", "true"],
  ]);
  expect(await axeFindings(container)).toEqual([]);
  await user.keyboard("{Home}{Enter}");
  await waitFor(() => expect(router.state.location.pathname).toBe("/builds/b2"));
  expect(router.state.location.search).toEqual({ view: "config" });
  expect(await button("Run 2 of 2")).toBeDefined();
});

test("of very many runs the page doesn't count, one that was never run again has none", async () => {
  const daemon = daemonWith([aBuild()]);
  const chain = Array.from({ length: 50 }, (_, at) => ({
    id: at === 49 ? "b1" : `b${at + 100}`,
    build_number: at + 100,
    status: "failed" as const,
  }));
  daemon.related = { chain, matrix: [] };
  const many = openApp("/builds/b1", { daemon });
  expect(await button("Runs")).toBeDefined();
  many.unmount();
  daemon.related = { chain: chain.slice(-1), matrix: chain.slice(-2) };
  openApp("/builds/b1", { daemon });
  await screen.findByRole("list", { name: "All builds of this matrix" });
  expect(screen.queryByRole("button", { name: /^Runs?( \d|$)/ }) === null).toBe(true);
});

test("a matrix is run again where it did not succeed; a refusal of one does not hold back the others", async () => {
  const daemon = daemonWith([aBuild({ status: "failed", matrix: { flavor: "dev" } })]);
  daemon.related = {
    chain: [],
    matrix: [
      { id: "b1", build_number: 1, status: "failed", matrix: { flavor: "dev" } },
      { id: "b2", build_number: 2, status: "canceled", matrix: { flavor: "qa" } },
      { id: "b3", build_number: 3, status: "succeeded", matrix: { flavor: "prod" } },
    ],
  };
  daemon.failOn("POST /v1/builds/b1/rerun", {
    status: 409,
    code: "source_changed",
    error: "The source changed.",
  });
  const { user } = openApp("/builds/b1", { daemon });
  await user.click(await screen.findByRole("button", { name: "Run the 2 again that did not succeed" }));
  expect(await screen.findByText(/^Build #\d+ queued$/)).toBeDefined();
  expect(await screen.findByText("1 build refused: #1: The source changed.")).toBeDefined();
  expect(screen.queryByRole("button", { name: /Cancel the/ })).toBeNull();
});

test("what is not over of a matrix is canceled together", async () => {
  const daemon = daemonWith([aBuild({ status: "running", matrix: { flavor: "dev" } })]);
  daemon.related = {
    chain: [],
    matrix: [
      { id: "b1", build_number: 1, status: "running", matrix: { flavor: "dev" } },
      { id: "b2", build_number: 2, status: "queued", matrix: { flavor: "qa" } },
    ],
  };
  const { user } = openApp("/builds/b1", { daemon });
  await user.click(await screen.findByRole("button", { name: "Cancel the 2 that are not over" }));
  const dialog = within(await screen.findByRole("dialog", { name: "Cancel 2 builds?" }));
  expect(dialog.getByText("#2 qa")).toBeDefined();
  expect(daemon.canceled).toEqual([]);
  await user.click(dialog.getByRole("button", { name: "Cancel 2 builds" }));
  await waitFor(() => expect(daemon.canceled).toEqual(["b1", "b2"]));
  await absent(() => screen.queryByRole("dialog"));
});

test("builds around one that can't be read are asked for again", async () => {
  const daemon = daemonWith([aBuild()]);
  daemon.failOn("GET /v1/builds/b1/related", { status: 403, code: "permission_denied", error: "not you" });
  daemon.related = {
    chain: [],
    matrix: [1, 2].map((n) => ({ id: `b${n}`, build_number: n, status: "failed" })),
  };
  const { user } = openApp("/builds/b1", { daemon });
  expect(await screen.findByText("The builds around this one could not be read")).toBeDefined();
  daemon.recover();
  await user.click(screen.getByRole("button", { name: "Try again" }));
  expect(await screen.findByRole("list", { name: "All builds of this matrix" })).toBeDefined();
});

test("the list tells the builds of a matrix apart", async () => {
  const builds = ["android", "ios"].map((platform) =>
    aBuild({ id: platform, matrix: { flavor: "prod", platform } }),
  );
  openApp("/builds", { daemon: daemonWith(builds) });
  expect(await screen.findByText("prod · android")).toBeDefined();
  expect(screen.getByText("prod · ios")).toBeDefined();
});
