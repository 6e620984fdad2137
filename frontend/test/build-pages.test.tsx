/** The build page's head and states, and the list of builds, over the real route tree. */
import { beforeEach, expect, test } from "bun:test";
import { screen, waitFor, within } from "@testing-library/react";
import { holdRows } from "@/features/builds/held-rows";
import { medianRun } from "@/features/builds/time-left";
import { axeFindings, openApp } from "./app.tsx";
import { daemonWith, redBuild, redDaemon, withLogs } from "./fake/builds.ts";
import { aBuild } from "./fake/data.ts";
import { absent, button } from "./find.ts";

beforeEach(withLogs);

test("cancel shows at once and is taken back with the server's reason", async () => {
  const daemon = daemonWith([
    aBuild({ status: "queued", started_at: null, finished_at: null, run_ms: null }),
  ]);
  daemon.failOn("POST /v1/builds/b1/cancel", {
    status: 409,
    code: "invalid_transition",
    error: "the build has ended",
  });
  const { user } = openApp("/builds/b1", { daemon });
  await user.click(await screen.findByRole("button", { name: "Cancel build" }));
  expect(await screen.findByText("the build has ended")).toBeDefined();
  const facts = screen.getByRole("region", { name: "Facts" });
  expect(await within(facts).findByText("Queued")).toBeDefined();
});

test("a waiting build says why it waits", async () => {
  const waiting = aBuild({
    status: "queued",
    started_at: null,
    finished_at: null,
    run_ms: null,
    waiting_reason: "All runners are busy.",
  });
  const { container } = openApp("/builds/b1", { daemon: daemonWith([waiting]) });
  expect(await screen.findByText("All runners are busy.")).toBeDefined();
  expect(await axeFindings(container)).toEqual([]);
});

test("a waiting build says its place in the queue and what each runner does", async () => {
  const queued = aBuild({ status: "queued", started_at: null, finished_at: null, run_ms: null });
  const daemon = daemonWith([queued]);
  daemon.waiting = {
    position: 3,
    sentence: "No runner with os:macos is online.",
    runners: [
      { id: "r1", name: "shelf", reason: "missing_labels", missing: ["big", "os:macos"] },
      { id: "r2", name: "mini", reason: "draining", missing: [], note: "new disk" },
    ],
  };
  const { container } = openApp("/builds/b1", { daemon });
  expect(await screen.findByText("Waiting to start: number 3 in the queue")).toBeDefined();
  expect(screen.getByText("No runner with os:macos is online.")).toBeDefined();
  const runners = within(screen.getByRole("list", { name: "What each runner does" }));
  expect(runners.getAllByRole("listitem").map((item) => item.textContent)).toEqual([
    "shelf: lacksbig, os:macos",
    "mini: takes no new builds: new disk",
  ]);
  expect(runners.getByRole("link", { name: "mini" }).getAttribute("href")).toContain("/runners/r2");
  expect(await axeFindings(container)).toEqual([]);
});

/** The time as it is, not as it was when the tests began. */
const seconds = () => Math.floor(Date.now() / 1000);

test("a build that runs says how long it will take, by those before", async () => {
  const before = [60, 200, 600].map((took, index) => aBuild({ id: `g${index}`, run_ms: took * 1000 }));
  const running = { status: "running", finished_at: null, run_ms: null } as const;
  const daemon = daemonWith([aBuild({ ...running, started_at: seconds() - 100 }), ...before]);
  daemon.more.push([/^GET \/v1\/builds$/, () => ({ builds: before, total: 3 })]);
  const first = openApp("/builds/b1", { daemon });
  expect(await screen.findByText("about 2 min 00 s left")).toBeDefined();
  expect(await axeFindings(first.container)).toEqual([]);
  first.unmount();
  daemon.builds = [aBuild({ ...running, started_at: seconds() - 500 }), ...before];
  openApp("/builds/b1", { daemon });
  expect(await screen.findByText(/^5 min 0\d s longer than usual$/)).toBeDefined();
});

test("what is usual is the middle of at least three builds of the same combination", () => {
  const builds = [9, 1, 5].map((run_ms) => aBuild({ run_ms }));
  const other = aBuild({ run_ms: 100, matrix: { flavor: "dev" } });
  expect(medianRun([...builds, other], aBuild())).toBe(5);
  expect(medianRun(builds.slice(1), aBuild())).toBeNull();
  expect(medianRun([...builds, other], other)).toBeNull();
});

test("a build whose runner is silent is marked", async () => {
  openApp("/builds/b1", { daemon: daemonWith([aBuild({ status: "running", unreachable: true })]) });
  const facts = await screen.findByRole("region", { name: "Facts" });
  expect(within(facts).getByText("Unreachable")).toBeDefined();
});

test("a build of a fork says that its code is not trusted", async () => {
  openApp("/builds/b1", { daemon: daemonWith([aBuild({ config_snapshot: { untrusted: true } })]) });
  const facts = await screen.findByRole("region", { name: "Facts" });
  expect(within(facts).getByText("Fork, not trusted")).toBeDefined();
});

test("a list says how many tests failed, else how many there were", async () => {
  const builds = [3, 0].map((failed) =>
    aBuild({ id: `b${failed}`, tests: { passed: 60, failed, skipped: 2 } }),
  );
  openApp("/builds", { daemon: daemonWith(builds) });
  expect(await screen.findByText("3 tests failed")).toBeDefined();
  expect(screen.getByText("62 tests")).toBeDefined();
});

test("empty, removed and missing are told apart", async () => {
  const empty = openApp("/builds/b1?view=log", { daemon: daemonWith([aBuild()]) });
  expect(await screen.findByText("The log is empty")).toBeDefined();
  empty.unmount();
  const removed = openApp("/builds/b1?view=log", { daemon: daemonWith([aBuild()], { status: 410 }) });
  expect(await screen.findByText("The log was removed")).toBeDefined();
  removed.unmount();
  openApp("/builds/b9", { daemon: daemonWith([aBuild()]) });
  expect(await screen.findByText("This build does not exist")).toBeDefined();
});

test("the build list keeps its filters in the address", async () => {
  const daemon = daemonWith([redBuild()]);
  const { container, user, router } = openApp("/builds", { daemon });
  await screen.findByRole("link", { name: "Fix checkout crash on small screens" });
  await user.click(screen.getByRole("button", { name: "Queued" }));
  await user.click(screen.getByRole("button", { name: "Failed" }));
  expect(router.state.location.search).toEqual({ status: "queued,scheduled,failed" });
  const asked = () => daemon.seen.some((line) => line.includes("status=queued%2Cscheduled%2Cfailed"));
  await waitFor(() => expect(asked()).toBe(true));
  expect(await axeFindings(container)).toEqual([]);
  daemon.builds = [];
  await user.click(screen.getByRole("button", { name: "Passed" }));
  expect(await screen.findByText("Nothing matches")).toBeDefined();
});

test("held rows are renewed in place and new ones are counted", () => {
  const one = aBuild({ id: "1", status: "running" });
  const two = aBuild({ id: "2" });
  const held = holdRows([one], [two, { ...one, status: "failed" }]);
  expect(held).toEqual({ shown: [{ ...one, status: "failed" }], fresh: 1 });
});

test("the steps beside the log are made wider and narrower by keys, within bounds", async () => {
  const { user } = openApp("/builds/b1?view=log", { daemon: redDaemon() });
  const edge = await screen.findByRole("separator", { name: "Width of the steps" });
  const width = () => edge.getAttribute("aria-valuenow");
  edge.focus();
  await user.keyboard("{Home}");
  expect(width()).toBe("200");
  await user.keyboard("{ArrowRight}{ArrowRight}");
  expect(width()).toBe("240");
  await user.keyboard("{End}{ArrowRight}");
  expect(width()).toBe("420");
  expect(localStorage.getItem("oore.log.rail")).toBe("420");
  const steps = screen.getByRole("navigation", { name: "Steps" });
  expect(steps.style.getPropertyValue("--rail")).toBe("420px");
});

test("the steps beside the log are put away by button or key, and this browser remembers", async () => {
  const names = () =>
    within(screen.getByRole("navigation", { name: "Steps" }))
      .getAllByRole("button")
      .map((step) => step.textContent);
  const { user, container, unmount } = openApp("/builds/b1?view=log", { daemon: redDaemon() });
  const steps = await button("Steps");
  expect(steps.getAttribute("aria-expanded")).toBe("true");
  expect(names().length).toBe(3);
  await user.click(steps);
  expect(names()).toEqual(["Steps"]);
  await absent(() => screen.queryByRole("separator", { name: "Width of the steps" }));
  expect(await axeFindings(container)).toEqual([]);
  expect(localStorage.getItem("oore.log.steps")).toBe("closed");
  unmount();
  const again = openApp("/builds/b1?view=log", { daemon: redDaemon() });
  expect((await button("Steps")).getAttribute("aria-expanded")).toBe("false");
  await again.user.keyboard("s");
  expect(names().length).toBe(3);
  expect(localStorage.getItem("oore.log.steps")).toBeNull();
});
