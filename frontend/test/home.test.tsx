/** Home: what needs somebody and is put off, parts that fail alone, pins, progress, the way to the first build. */
import { expect, test } from "bun:test";
import { screen, waitFor, within } from "@testing-library/react";
import type { AttentionItem } from "@/api/types";
import { axeFindings, openApp } from "./app.tsx";
import { FakeDaemon } from "./fake/daemon.ts";
import { aBuild, aProject, NOW } from "./fake/data.ts";
import { absent, button, requests } from "./find.ts";

const FAILED: AttentionItem = {
  key: "build_failed:b1",
  kind: "build_failed",
  severity: "critical",
  since: NOW - 60,
  build: aBuild({ status: "failed" }),
};
const OFFLINE: AttentionItem = {
  key: "runner_offline:r2:1",
  kind: "runner_offline",
  severity: "warning",
  since: NOW - 900,
  runner: { id: "r2", name: "mac mini" },
};

function daemonWith(...attention: AttentionItem[]): FakeDaemon {
  const daemon = new FakeDaemon();
  daemon.builds = [aBuild({ status: "failed" })];
  daemon.attention = attention;
  return daemon;
}

const list = () => screen.findByRole("list", { name: "Needs attention" });

test("home that could not be loaded comes by itself as soon as the instance answers again", async () => {
  const daemon = daemonWith();
  daemon.failOn("GET /v1/home", { status: 500, code: "store_error" });
  openApp("/", { daemon });
  expect(await screen.findByText("Trying again by itself.")).toBeDefined();
  daemon.recover();
  expect(await screen.findByRole("list", { name: "Recent builds" })).toBeDefined();
});

test("what needs somebody is listed with where to go, in one request", async () => {
  const daemon = daemonWith(
    FAILED,
    OFFLINE,
    {
      key: "d",
      kind: "disk_low",
      severity: "critical",
      disk: { free_bytes: 5e9, total_bytes: 1e11, stops_builds: true },
    },
    {
      key: "s",
      kind: "source_trouble",
      severity: "critical",
      source: { id: "s1", name: "acme", reason: "expired", repair_action: "Replace the access token" },
    },
    { key: "n", kind: "no_runner", severity: "critical" },
    {
      key: "w",
      kind: "build_waiting",
      severity: "warning",
      build: aBuild({ id: "b9", waiting_reason: "No runner is registered." }),
    },
  );
  const { container } = openApp("/", { daemon });
  const items = within(await list()).getAllByRole("listitem");
  const said = items.map((item) => [
    within(item).getByRole("link").textContent,
    within(item).getByRole("link").getAttribute("href"),
  ]);
  expect(said).toEqual([
    ["Fix checkout crash on small screens #7", "/builds/b1"],
    ["mac mini is offline", "/runners/r2"],
    ["The disk of this instance is nearly full", "/runners"],
    ["acme: access has expired", "/settings/integrations/s1"],
    ["No runner is online", "/runners"],
    ["Fix checkout crash on small screens #7", "/builds/b9"],
  ]);
  expect(items[0]?.textContent).toContain("Failed on main in Shop app / Android release");
  expect(items[2]?.textContent).toContain("5 GB of 100 GB free. No build starts until there is more room.");
  expect(items[5]?.textContent).toContain("No runner is registered.");
  expect(requests(daemon, "GET /v1/home").length).toBe(1);
  const others = requests(daemon, "GET").filter((line) => !/home|bootstrap|events|incidents/.test(line));
  expect(others).toEqual([]);
  expect(await axeFindings(container)).toEqual([]);
});

test("a matter can be put off for a while, taken back, and shown again", async () => {
  const daemon = daemonWith(FAILED, OFFLINE);
  const { user } = openApp("/", { daemon });
  await list();
  const putOff = async () => {
    await user.click(screen.getByRole("button", { name: "Put off: mac mini is offline" }));
    await user.click(await screen.findByRole("menuitem", { name: "A day" }));
  };
  await putOff();
  await absent(() => screen.queryByRole("link", { name: "mac mini is offline" }));
  expect(screen.getByText("One matter is put off.")).toBeDefined();
  await user.click(await button("Undo"));
  await screen.findByRole("link", { name: "mac mini is offline" });
  await putOff();
  // It stays away on the next visit, and comes back when it is asked for, or happens anew.
  const again = openApp("/", { daemon });
  await within(again.container).findByText("One matter is put off.");
  await again.user.click(within(again.container).getByRole("button", { name: "Show again" }));
  await within(again.container).findByRole("link", { name: "mac mini is offline" });
});

test("a part that could not be made says so with its request; the others stand", async () => {
  const daemon = daemonWith(FAILED);
  daemon.failedParts = [{ part: "attention", code: "store_error", error: "no disk", request_id: "req-part" }];
  const { user, container } = openApp("/", { daemon });
  const alert = await screen.findByRole("alert");
  expect(alert.textContent).toContain("Could not load Needs attention");
  expect(alert.textContent).toContain("req-part");
  expect(screen.getByRole("list", { name: "Recent builds" })).toBeDefined();
  expect(screen.getByRole("list", { name: "Projects" })).toBeDefined();
  expect(await axeFindings(container)).toEqual([]);
  daemon.failedParts = [];
  await user.click(within(alert).getByRole("button", { name: "Try again" }));
  await list();
});

test("projects are pinned to the front, in this browser, at most seven", async () => {
  const daemon = daemonWith();
  daemon.projects = Array.from({ length: 8 }, (_, at) => aProject({ id: `p${at}`, name: `Project ${at}` }));
  const { user, container } = openApp("/", { daemon });
  const names = () =>
    within(screen.getByRole("list", { name: "Projects" }))
      .getAllByRole("link")
      .map((link) => link.textContent);
  await user.click(await button("Pin Project 5"));
  await waitFor(() => expect(names()[0]).toBe("Project 5"));
  expect(requests(daemon, "GET /v1/home").at(-1)).toBe("GET /v1/home?pinned=p5");
  for (const at of [0, 1, 2, 3, 4, 6]) await user.click(await button(`Pin Project ${at}`));
  const last = await button("Pin Project 7");
  await waitFor(() => expect(last.getAttribute("aria-disabled")).toBe("true"));
  await user.click(last);
  expect(screen.queryByRole("button", { name: "Unpin Project 7" })).toBeNull();
  expect(
    screen.getAllByRole("img", { name: "Last builds on main: 0 passed, 1 failed, 0 canceled" }).length,
  ).toBe(8);
  expect(await axeFindings(container)).toEqual([]);
  await user.click(await button("Unpin Project 5"));
  await waitFor(() => expect(names()[0]).toBe("Project 0"));
});

test("what runs shows how far it is, by how long such builds usually take", async () => {
  const daemon = new FakeDaemon();
  const started_at = Math.floor(Date.now() / 1000) - 90;
  daemon.builds = [aBuild({ status: "running", started_at, finished_at: null, run_ms: null })];
  daemon.usualMs = 120_000;
  const first = openApp("/", { daemon });
  const bar = await screen.findByRole<HTMLProgressElement>("progressbar", { name: "Progress" });
  expect(bar.max).toBe(120_000);
  expect(bar.value).toBeGreaterThan(50_000);
  expect(screen.getByText(/about \d+ s left/)).toBeDefined();
  first.unmount();
  daemon.builds = daemon.builds.map((build) => ({ ...build, unreachable: true }));
  openApp("/", { daemon });
  await screen.findByRole("list", { name: "Running and queued" });
  expect(screen.queryByRole("progressbar", { name: "Progress" }) === null).toBe(true);
});

test("recent builds are everybody's or one's own", async () => {
  const daemon = daemonWith();
  daemon.builds = [aBuild(), aBuild({ id: "b2", commit_subject: "By a colleague", trigger_actor: "bo@x" })];
  const { user } = openApp("/", { daemon });
  const recent = await screen.findByRole("list", { name: "Recent builds" });
  expect(within(recent).getAllByRole("listitem").length).toBe(2);
  await user.click(await button("Mine"));
  await absent(() => screen.queryByText("By a colleague"));
});

test("home follows the events", async () => {
  const daemon = daemonWith();
  openApp("/", { daemon });
  await screen.findByText("Nothing needs you now.");
  await waitFor(() => expect(daemon.openStreams).toBe(1));
  daemon.attention = [OFFLINE];
  daemon.emit("runner", { runner_id: "r2", status: "offline" });
  await screen.findByRole("link", { name: "mac mini is offline" });
});

test("a new instance is led to the first build, step by step", async () => {
  const daemon = new FakeDaemon();
  daemon.projects = [];
  const first = openApp("/", { daemon });
  const find = await screen.findByRole("link", { name: "Find apps on this machine" });
  expect(find.getAttribute("href")).toBe("/start");
  expect(screen.queryByRole("list", { name: "Recent builds" })).toBeNull();
  expect(await axeFindings(first.container)).toEqual([]);
  first.unmount();
  openApp("/");
  const steps = await screen.findAllByRole("listitem", { current: "step" });
  expect(steps.length).toBe(1);
  const link = within(steps[0] ?? document.body).getByRole("link", { name: "Shop app" });
  expect(link.getAttribute("href")).toBe("/projects/p1");
});

test("the first steps offer a pipeline to those who may make one", async () => {
  const daemon = new FakeDaemon();
  daemon.pipelines = [];
  const first = openApp("/", { daemon });
  expect(await screen.findByRole("link", { name: "New pipeline" })).toBeDefined();
  first.unmount();
  daemon.capabilities = daemon.capabilities.filter((name) => name !== "pipelines.write");
  openApp("/", { daemon });
  await screen.findByRole("listitem", { current: "step" });
  expect(screen.queryByRole("link", { name: "New pipeline" }) === null).toBe(true);
});
