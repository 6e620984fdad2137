/** What a build's page opens on, and its summary: failure, artifacts, tests, changes, over the real route tree. */
import { afterEach, beforeEach, expect, mock, spyOn, test } from "bun:test";
import { screen, waitFor, within } from "@testing-library/react";
import type { BuildChanges, BuildFailure } from "@/api/types";
import { axeFindings, openApp } from "./app.tsx";
import { anArtifact, daemonWith, redBuild, redDaemon, withLogs } from "./fake/builds.ts";
import type { FakeDaemon } from "./fake/daemon.ts";
import { aBuild, NOW } from "./fake/data.ts";
import { absent, button, requests } from "./find.ts";

beforeEach(withLogs);
afterEach(() => void mock.restore());

const views = () => within(screen.getByRole("navigation", { name: "Views of this build" }));
const current = () => views().getByRole("link", { current: "page" }).textContent;

test("a build that is over opens on its summary, one that runs on its log", async () => {
  const over = openApp("/builds/b1", { daemon: daemonWith([aBuild()]) });
  expect(await screen.findByRole("region", { name: "Artifacts" })).toBeDefined();
  expect(current()).toBe("Summary");
  expect(await screen.findByRole("button", { name: "Download app.apk" })).toBeDefined();
  expect(await axeFindings(over.container)).toEqual([]);
  over.unmount();
  openApp("/builds/b1", { daemon: daemonWith([aBuild({ status: "running", finished_at: null })]) });
  await button("Cancel build");
  expect(current()).toBe("Log");
});

test("who watches a log keeps it when the build fails, and is led to the reason", async () => {
  const daemon = redDaemon();
  daemon.builds = [aBuild({ status: "running", finished_at: null, run_ms: null })];
  const { user, router } = openApp("/builds/b1", { daemon });
  await button("Cancel build");
  await waitFor(() => expect(daemon.openStreams).toBe(1));
  daemon.builds = [redBuild()];
  daemon.emit("build", { build_id: "b1", status: "failed" });
  expect(await screen.findByText("Step build-1 failed")).toBeDefined();
  expect(current()).toBe("Log");
  await user.click(screen.getByRole("link", { name: "Why it failed" }));
  expect(await screen.findByRole("region", { name: /^Why it failed/ })).toBeDefined();
  expect(router.state.location.search).toEqual({ view: "summary" });
});

test("a link to lines opens the log, whatever became of the build", async () => {
  openApp("/builds/b1?step=build-1#L2", { daemon: redDaemon() });
  await waitFor(() => expect(document.querySelectorAll(".log-selected").length).toBe(1));
  expect(current()).toBe("Log");
});

test("what is not on screen is not asked for: a failed build needs four answers beside those of the shell", async () => {
  const unseen = spyOn(IntersectionObserver.prototype, "observe").mockImplementation(() => undefined);
  const daemon = redDaemon();
  const { user } = openApp("/builds/b1", { daemon });
  await screen.findByRole("button", { name: /Error: Expected/ });
  const asked = () => daemon.seen.filter((line) => /builds|projects|artifacts/.test(line));
  expect(asked().toSorted()).toEqual([
    "GET /v1/builds/b1",
    "GET /v1/builds/b1/failure",
    "GET /v1/builds/b1/related",
    "GET /v1/projects/p1",
  ]);
  unseen.mockRestore();
  await user.keyboard("2");
  await waitFor(() => expect(asked()).toContain("GET /v1/builds/b1/logs/index"));
});

test("a summary counts tests, shows a few artifacts and says who stopped a build", async () => {
  const daemon = daemonWith([
    aBuild({ status: "canceled", tests: { passed: 1_200, failed: 2, skipped: 3 } }),
  ]);
  daemon.files = Array.from({ length: 7 }, (_, at) => ({ ...anArtifact, id: `a${at}`, name: `file-${at}` }));
  const end = { id: "e1", build_id: "b1", from_status: "running", to_status: "canceled", created_at: NOW };
  daemon.more.unshift([
    /^GET \/v1\/builds\/b1$/,
    () => ({ build: daemon.builds[0], events: [{ ...end, actor: "ana@example.com", reason: "not needed" }] }),
  ]);
  const { user, router, container } = openApp("/builds/b1", { daemon });
  expect(await screen.findByText("not needed")).toBeDefined();
  expect(screen.getByText("by ana@example.com")).toBeDefined();
  const tests = within(screen.getByRole("region", { name: "Tests" }));
  expect(tests.getAllByRole("listitem").map((item) => item.textContent)).toEqual([
    "1,200passed",
    "2failed",
    "3skipped",
  ]);
  expect(await screen.findByText("And 2 more")).toBeDefined();
  expect(within(screen.getByRole("list", { name: "Artifacts" })).getAllByRole("listitem").length).toBe(5);
  expect(await axeFindings(container)).toEqual([]);
  await user.click(screen.getByRole("link", { name: "All artifacts" }));
  await waitFor(() => expect(router.state.location.search).toEqual({ view: "artifacts" }));
  expect((await screen.findAllByRole("button", { name: /^Download file/ })).length).toBe(7);
});

const earlier = (build_number: number, status: "failed" | "succeeded") => ({
  id: `b${build_number}`,
  build_number,
  status,
});

function failing(patch: Partial<BuildFailure>): FakeDaemon {
  const daemon = redDaemon();
  const failure = { status: "failed", excerpt: [], failures_before: 0, ...patch };
  daemon.more.unshift([/^GET \/v1\/builds\/b1\/failure$/, () => failure]);
  return daemon;
}

test("a failed build says since when its like fail, and compares with the last one that passed", async () => {
  const daemon = failing({
    failures_before: 3,
    first_failed: earlier(139, "failed"),
    last_passed: earlier(137, "succeeded"),
  });
  const { container } = openApp("/builds/b1", { daemon });
  expect((await screen.findByRole("link", { name: "#139" })).getAttribute("href")).toContain("/builds/b139");
  const card = screen.getByRole("region", { name: /^Why it failed/ });
  expect(card.textContent).toContain("Failing since #139, 3 builds ago");
  expect(card.textContent).toContain("Last passed: #137");
  const compare = within(card).getByRole("link", { name: "Compare with the last green one" });
  expect(compare.getAttribute("href")).toContain("/builds/b137/compare/b1");
  expect(await axeFindings(container)).toEqual([]);
});

test("the first failure, one of a kind that never passed, and a build without earlier ones are told apart", async () => {
  const card = () => screen.findByRole("region", { name: /^Why it failed/ });
  const first = openApp("/builds/b1", { daemon: failing({ last_passed: earlier(137, "succeeded") }) });
  expect(await within(await card()).findByText("The first one to fail.")).toBeDefined();
  first.unmount();
  const never = openApp("/builds/b1", {
    daemon: failing({ failures_before: 200, first_failed: earlier(2, "failed") }),
  });
  expect(await within(await card()).findByText("None before it passed.")).toBeDefined();
  expect((await card()).textContent).toContain("Failing since #2, at least 200 builds ago");
  expect(within(await card()).queryByRole("link", { name: /Compare/ }) === null).toBe(true);
  never.unmount();
  const daemon = failing({});
  openApp("/builds/b1", { daemon });
  await card();
  await waitFor(() => expect(requests(daemon, "GET /v1/builds/b1/failure").length).toBe(1));
  await absent(() => screen.queryByText("Reading the log…"));
  expect((await card()).textContent).not.toMatch(/first one|Failing since|None before/);
});

function changing(changes: Partial<BuildChanges>, daemon = redDaemon()): FakeDaemon {
  daemon.more.push([
    /^GET \/v1\/builds\/b1\/changes$/,
    () => ({ commits: [], truncated: false, ...changes }),
  ]);
  return daemon;
}

const commits = (count: number) =>
  Array.from({ length: count }, (_, at) => ({
    sha: `${at}`.padStart(2, "0").repeat(20),
    subject: `Change ${at}`,
    author: "Ana",
  }));

test("a failed build lists what came in since the last one that passed, with links to the code host", async () => {
  const daemon = changing({ since: earlier(137, "succeeded"), commits: commits(12), truncated: true });
  daemon.builds = [
    {
      ...redBuild(),
      context: {
        repository_host_url: "https://github.com",
        repository_full_name: "acme/shop",
        repository_provider: "github",
      },
    },
  ];
  const { user, container } = openApp("/builds/b1", { daemon });
  const list = within(await screen.findByRole("list", { name: /^Changes since/ }));
  expect(list.getAllByRole("listitem").length).toBe(10);
  expect(list.getByText("Change 0")).toBeDefined();
  expect(list.getByRole("link", { name: /^0101010/ }).getAttribute("href")).toBe(
    `https://github.com/acme/shop/commit/${"01".repeat(20)}`,
  );
  expect(screen.queryByText("And more, which are not listed.")).toBeNull();
  expect(await axeFindings(container)).toEqual([]);
  await user.click(screen.getByRole("button", { name: "Show all 12" }));
  expect(list.getAllByRole("listitem").length).toBe(12);
  expect(screen.getByText("And more, which are not listed.")).toBeDefined();
});

test("the code host of a build that passed is asked when somebody opens the changes", async () => {
  const daemon = changing({ since: earlier(3, "succeeded") }, daemonWith([aBuild()]));
  const { user } = openApp("/builds/b1", { daemon });
  await screen.findByRole("button", { name: "Download app.apk" });
  expect(requests(daemon, "GET /v1/builds/b1/changes")).toEqual([]);
  await user.click(screen.getByRole("heading", { name: /^Changes since/ }));
  const same = await screen.findByText(/^The same commit as in/);
  expect(within(same).getByRole("link", { name: "#3" })).toBeDefined();
});

test("a code host that is away fails the card of changes alone, and can be asked again", async () => {
  const daemon = changing({ commits: commits(1) });
  daemon.failOn("GET /v1/builds/b1/changes", {
    status: 409,
    code: "source_unresolvable",
    error: "the code host is away",
  });
  const { user } = openApp("/builds/b1", { daemon });
  const alert = within(await screen.findByRole("alert"));
  expect(alert.getByText("the code host is away")).toBeDefined();
  expect(screen.getByRole("region", { name: /^Why it failed/ })).toBeDefined();
  daemon.recover();
  await user.click(alert.getByRole("button", { name: "Try again" }));
  expect(await screen.findByText("No build before it passed. These are the newest commits:")).toBeDefined();
  expect(screen.getByText("Change 0")).toBeDefined();
});
