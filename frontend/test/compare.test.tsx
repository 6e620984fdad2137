/** Comparing two builds: the differences by themselves, and the page over the real route tree. */
import { expect, test } from "bun:test";
import { screen, waitFor, within } from "@testing-library/react";
import type { StepResult } from "@/api/types";
import { changesOf, pairSteps } from "@/features/builds/compare";
import { lastBefore } from "@/features/builds/more-menu";
import { compareWords } from "@/messages/en/compare";
import { axeFindings, openApp } from "./app.tsx";
import { FakeDaemon } from "./fake/daemon.ts";
import { aBuild, NOW } from "./fake/data.ts";
import { button, heading } from "./find.ts";

const step = (name: string, status: StepResult["status"], seconds = 10): StepResult => ({
  name,
  status,
  started_at: NOW,
  finished_at: NOW + seconds,
  duration_ms: seconds * 1000,
});

test("steps are paired by name, in the order of the later build", () => {
  const before = [step("checkout", "succeeded"), step("lint", "succeeded"), step("build", "succeeded")];
  const after = [step("checkout", "succeeded"), step("build", "failed"), step("deploy", "skipped")];
  const pairs = pairSteps(before, after).map(({ name, differs }) => [name, differs]);
  expect(pairs).toEqual([
    ["checkout", false],
    ["lint", true],
    ["build", true],
    ["deploy", true],
  ]);
});

test("of configurations only what changed is named, when they were recorded aside", () => {
  const before = { captured_at: 1, resolved_config: { flutter_version: "3.1", platforms: ["android"] } };
  const after = { captured_at: 2, resolved_config: { platforms: ["android", "ios"], extra: true } };
  expect(changesOf(before, after)).toEqual([
    { path: "resolved_config.extra", before: undefined, after: "true" },
    { path: "resolved_config.flutter_version", before: '"3.1"', after: undefined },
    { path: "resolved_config.platforms", before: '["android"]', after: '["android","ios"]' },
  ]);
});

test("the last green build is an earlier one, of the same combination if there is one", () => {
  const build = aBuild({ id: "x", build_number: 9, status: "failed", matrix: { flavor: "prod" } });
  const green = [
    aBuild({ id: "later", build_number: 10 }),
    aBuild({ id: "other", build_number: 8, matrix: { flavor: "dev" } }),
    aBuild({ id: "same", build_number: 5, matrix: { flavor: "prod" } }),
  ];
  expect(lastBefore(green, build)?.id).toBe("same");
  expect(lastBefore(green.slice(0, 2), build)?.id).toBe("other");
  expect(lastBefore(green.slice(0, 1), build)).toBeUndefined();
});

test("a red build is compared with the last green one: where they part comes first", async () => {
  const daemon = new FakeDaemon();
  daemon.builds = [
    aBuild({
      id: "red",
      build_number: 8,
      status: "failed",
      branch: "main",
      step_results: [step("checkout", "succeeded"), step("build-1", "failed", 30)],
      config_snapshot: { config_path: "b.yaml" },
    }),
    aBuild({
      id: "green",
      build_number: 7,
      step_results: [step("checkout", "succeeded"), step("build-1", "succeeded", 10)],
      config_snapshot: { config_path: "a.yaml" },
    }),
  ];
  const { user, router, container } = openApp("/builds/red", { daemon });
  await user.click(await button("More actions"));
  await user.click(await screen.findByRole("menuitem", { name: "Compare with the last one that passed" }));
  await heading("Compare #7 with #8");
  expect(router.state.location.pathname).toBe("/builds/green/compare/red");
  expect(screen.getByText("They part at step build-1")).toBeDefined();
  expect(screen.getByText("Passed → Failed")).toBeDefined();
  const row = screen.getByRole("row", { name: /build-1/ });
  expect(within(row).getByText("+20 s")).toBeDefined();
  expect(screen.getByText('"a.yaml"')).toBeDefined();
  expect(await axeFindings(container)).toEqual([]);
  await user.click(within(row).getByRole("link", { name: "Failed" }));
  await waitFor(() => expect(router.state.location.pathname).toBe("/builds/red"));
  expect(router.state.location.search).toEqual({ step: "build-1" });
});

test("a runner that is not known of a build is no difference, and no row if it is of neither", async () => {
  const daemon = new FakeDaemon();
  const context = { project_name: "Shop app", pipeline_name: "Android release", runner_name: "mini" };
  daemon.builds = [aBuild({ id: "old" }), aBuild({ id: "new", status: "running", context })];
  const first = openApp("/builds/old/compare/new", { daemon });
  const row = await screen.findByRole("row", { name: /mini/ });
  expect(within(row).queryByText(compareWords.differs)).toBeNull();
  first.unmount();
  daemon.builds = [aBuild({ id: "old" }), aBuild({ id: "new" })];
  openApp("/builds/old/compare/new", { daemon });
  await screen.findByRole("row", { name: /Pipeline/ });
  expect(screen.queryByRole("row", { name: /Runner/ })).toBeNull();
});

test("a build that can't be read is said in its place, and the title stays", async () => {
  const daemon = new FakeDaemon();
  daemon.builds = [aBuild()];
  const { container } = openApp("/builds/b1/compare/b2", { daemon });
  expect(await screen.findByText("This build does not exist")).toBeDefined();
  await heading("Compare builds");
  expect(await axeFindings(container)).toEqual([]);
});

/** A daemon that has `count` newer builds which passed before an older one, and hands them out in pages. */
function daemonWithNewer(count: number): FakeDaemon {
  const daemon = new FakeDaemon();
  const newer = Array.from({ length: count }, (_, at) =>
    aBuild({ id: `newer${at}`, build_number: count + 10 - at }),
  );
  const green = [...newer, aBuild({ id: "green", build_number: 3 })];
  daemon.builds = [aBuild({ id: "red", build_number: 5, status: "failed" }), ...green];
  daemon.more.push([
    /^GET \/v1\/builds$/,
    (request) => {
      const query = new URL(request.url).searchParams;
      const from = Number(query.get("cursor") ?? 0);
      const to = from + Number(query.get("limit") ?? 20);
      return {
        builds: green.slice(from, to),
        total: green.length,
        next_cursor: to < green.length ? String(to) : undefined,
      };
    },
  ]);
  return daemon;
}

async function compareRed(daemon: FakeDaemon) {
  const app = openApp("/builds/red", { daemon });
  await app.user.click(await button("More actions"));
  await app.user.click(await screen.findByRole("menuitem", { name: /last one that passed/ }));
  return app;
}

test("the last green build is found behind many newer ones", async () => {
  const { router } = await compareRed(daemonWithNewer(230));
  await waitFor(() => expect(router.state.location.pathname).toBe("/builds/green/compare/red"));
});

test("who looked far enough back says how far", async () => {
  await compareRed(daemonWithNewer(1_000));
  expect(
    await screen.findByText(
      "None of the newest 1,000 builds of this pipeline and branch that passed is earlier.",
    ),
  ).toBeDefined();
});

test("without an earlier green build that is said", async () => {
  const daemon = new FakeDaemon();
  daemon.builds = [aBuild({ status: "failed" })];
  const { user } = openApp("/builds/b1", { daemon });
  await user.click(await button("More actions"));
  await user.click(await screen.findByRole("menuitem", { name: /last one that passed/ }));
  expect(await screen.findByText("No earlier build of this pipeline and branch has passed.")).toBeDefined();
});
