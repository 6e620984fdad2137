/** The views of a build: its log, timeline, artifacts, configuration and history, over the real route tree. */
import { beforeEach, expect, spyOn, test } from "bun:test";
import { act, screen, waitFor, within } from "@testing-library/react";
import { parseBuildsSearch } from "@/features/builds/list-search";
import { parseBuildSearch } from "@/features/builds/search";
import { parsePlace, placeHash } from "@/features/logs";
import { timesKept, wrapKept } from "@/features/logs/choices";
import { logAsMarkdown, numbered } from "@/features/logs/copied";
import { activeShortcuts } from "@/lib/shortcuts";
import { axeFindings, openApp } from "./app.tsx";
import { daemonWith, RED_LOG, redBuild, redDaemon, withLogs } from "./fake/builds.ts";
import { aBuild, NOW } from "./fake/data.ts";
import { requests } from "./find.ts";

beforeEach(withLogs);

test("a failed build opens on its cause, with the lines that say it", async () => {
  const { container, user, router } = openApp("/builds/b1", {
    daemon: redDaemon(),
  });
  await screen.findByRole("heading", { level: 1, name: "Fix checkout crash on small screens" });
  const card = await screen.findByRole("region", { name: /Why it failed: Step build-1 failed/ });
  const cause = await within(card).findByRole("button", { name: /Error: Expected/ });
  expect(within(card).getByText("exit code 1")).toBeDefined();
  expect(within(card).getByText("The Dart compiler refused the code.")).toBeDefined();
  expect(document.title).toBe("✗ #7 Fix checkout crash on small screens – Shop app – Oore CI");
  expect(await axeFindings(container)).toEqual([]);
  await user.click(cause);
  await waitFor(() => expect(router.state.location.hash).toBe("L2"));
  expect(router.state.location.search).toEqual({ step: "build-1" });
});

test("times of lines that came in bulk and places of errors are the server's", async () => {
  const { user } = openApp("/builds/b1?view=log", { daemon: redDaemon() });
  await screen.findByText(/Expected ';'/, { selector: ".log-row *" });
  await user.click(screen.getByRole("button", { name: "Times: Off" }));
  await user.click(await screen.findByRole("menuitemcheckbox", { name: "Clock" }));
  expect(await screen.findAllByText("03:04:05")).toHaveLength(3);
  await user.keyboard("ttt");
  expect(await screen.findAllByText("03:04:05")).toHaveLength(3);
  expect(localStorage.getItem("oore.log.times")).toBe("clock");
  await user.keyboard("tt");
  expect(await screen.findAllByText("+0:00")).toHaveLength(3);
  await user.keyboard("e");
  expect(await screen.findByText("Error 1 of 1")).toBeDefined();
  await waitFor(() => expect(document.querySelector(".log-current")?.textContent).toContain("Expected"));
});

test("lines are copied as Markdown with a link to their place", async () => {
  const { user } = openApp("/builds/b1?step=build-1#L1-L2", { daemon: redDaemon() });
  await waitFor(() => expect(document.querySelectorAll(".log-selected").length).toBe(2));
  await user.click(screen.getByRole("button", { name: "Copy" }));
  await user.click(await screen.findByRole("menuitem", { name: "Copy as Markdown" }));
  await screen.findByText("Copied");
  expect(await navigator.clipboard.readText()).toBe(
    [
      "**#7 Fix checkout crash on small screens**: " +
        "[Step build-1, lines 1–2](http://localhost:8787/builds/b1?step=build-1#L1-L2)",
      "",
      "```",
      "$ flutter build apk",
      "lib/main.dart:3:1: Error: Expected ';'.",
      "```",
      "",
    ].join("\n"),
  );
});

test("what is copied keeps its numbers, and no text ends its fence", () => {
  const place = { step: "", from: 9, to: 10 };
  expect(numbered("a\nb", place)).toBe(" 9  a\n10  b");
  expect(logAsMarkdown(aBuild({ commit_subject: "Use *stars*" }), place, "```")).toContain(
    "**#7 Use \\*stars\\***: [lines 9–10](http://localhost:8787/builds/b1#L9-L10)\n\n````\n```\n````",
  );
});

test("the steps say how many lines look like errors", async () => {
  openApp("/builds/b1?view=log", { daemon: redDaemon() });
  const rail = await screen.findByRole("navigation", { name: "Steps" });
  await within(rail).findByText("line with an error");
  const texts = within(within(rail).getByRole("list")).getAllByRole("button");
  expect(texts.map((step) => /checkout|build-1/.exec(step.textContent)?.[0])).toEqual([
    "checkout",
    "build-1",
  ]);
  expect(texts.map((step) => step.textContent.includes("1 line with an error"))).toEqual([false, true]);
});

test("beside the log stands where its errors and matches are", async () => {
  const { user } = openApp("/builds/b1?view=log", { daemon: redDaemon() });
  await waitFor(() => expect(document.querySelectorAll(".log-map-error").length).toBe(1));
  expect(document.querySelectorAll(".log-map-match").length).toBe(0);
  await user.type(screen.getByRole("searchbox", { name: "Search the log" }), "flutter");
  await waitFor(() => expect(document.querySelectorAll(".log-map-match").length).toBe(1));
});

test("the log takes the whole window: nothing behind it can be reached, Escape gives it back", async () => {
  const { user, container } = openApp("/builds/b1?view=log", { daemon: redDaemon() });
  await user.click(await screen.findByRole("button", { name: "Over the whole window" }));
  const header = screen.getByRole("banner", { hidden: true });
  expect(header.inert).toBe(true);
  expect(await axeFindings(container)).toEqual([]);
  await user.keyboard("{Escape}");
  await waitFor(() => expect(header.inert).toBe(false));
});

test("behind another view no key acts on the log, nor does the palette offer what only it can do", async () => {
  const { user } = openApp("/builds/b1?view=log", { daemon: redDaemon() });
  const ofTheLog = [
    "filter",
    "nextError",
    "previousStep",
    "nextStep",
    "steps",
    "wrap",
    "fold",
    "times",
    "full",
  ];
  const offered = () => ofTheLog.filter((id) => activeShortcuts().some((active) => active === id));
  await waitFor(() => expect(document.querySelectorAll(".log-row").length).toBeGreaterThan(0));
  await user.keyboard("6");
  await screen.findByText("Everything that was recorded");
  expect(offered()).toEqual([]);
  const header = screen.getByRole("banner");
  await user.keyboard("mtw");
  expect([header.inert, timesKept.get(), wrapKept.get()]).toEqual([false, "off", "auto"]);
  await user.keyboard("2");
  await waitFor(() => expect(offered()).toEqual(ofTheLog));
});

test("going to another view gives the window back, and the log comes back as a part of its page", async () => {
  const { user } = openApp("/builds/b1?view=log", { daemon: redDaemon() });
  await screen.findByRole("button", { name: "Over the whole window" });
  const header = screen.getByRole("banner");
  await user.keyboard("m");
  await waitFor(() => expect(header.inert).toBe(true));
  await user.keyboard("6");
  await screen.findByText("Everything that was recorded");
  expect(header.inert).toBe(false);
  await user.keyboard("2");
  const full = await screen.findByRole("button", { name: "Over the whole window" });
  expect(full.getAttribute("aria-pressed")).toBe("false");
  expect(header.inert).toBe(false);
});

test("keys show the views, copy the address and cancel through the palette", async () => {
  const daemon = daemonWith([aBuild({ status: "running", finished_at: null, run_ms: null })]);
  const { user, router } = openApp("/builds/b1", { daemon });
  await screen.findByRole("button", { name: "Cancel build" });
  await user.keyboard("6");
  await screen.findByText("Everything that was recorded");
  expect(router.state.location.search).toEqual({ view: "config" });
  await user.keyboard("2y");
  await screen.findByText("Copied");
  expect(await navigator.clipboard.readText()).toBe(window.location.href);
  await user.keyboard("{Control>}k{/Control}");
  await user.type(await screen.findByRole("combobox", { name: "Search and commands" }), "cancel{Enter}");
  await waitFor(() => expect(requests(daemon, "POST /v1/builds/b1/cancel").length).toBe(1));
});

test("what can't be copied is said", async () => {
  const { user } = openApp("/builds/b1", { daemon: daemonWith([aBuild()]) });
  await screen.findByRole("button", { name: "Re-run" });
  const refused = spyOn(navigator.clipboard, "writeText").mockRejectedValue(
    new Error("not allowed to write"),
  );
  // What an earlier test was told may still stand there.
  const told = screen.queryAllByText("Copied").length;
  await user.keyboard("y");
  expect(await screen.findByText("Could not be copied")).toBeDefined();
  expect(screen.queryAllByText("Copied").length).toBeLessThanOrEqual(told);
  refused.mockRestore();
});

test("the timeline is a table of steps that lead to their logs", async () => {
  const { container, user, router } = openApp("/builds/b1?view=timeline", { daemon: redDaemon() });
  const row = await screen.findByRole("row", { name: /build-1 Failed longest/ });
  expect(within(row).getByText("19 s")).toBeDefined();
  expect(await axeFindings(container)).toEqual([]);
  await user.click(within(row).getByRole("link", { name: "build-1" }));
  await waitFor(() => expect(router.state.location.search).toEqual({ step: "build-1" }));
  expect(router.state.location.hash).toBe("L1");
});

test("a timeline whose steps are not known yet is loading, not empty", async () => {
  const daemon = daemonWith([aBuild({ wait_ms: 0, step_results: [] })]);
  let answer = (_index: object) => {};
  const index = new Promise<object>((resolve) => {
    answer = resolve;
  });
  daemon.more.push([/^GET \/v1\/builds\/b1\/logs\/index$/, () => index]);
  openApp("/builds/b1?view=timeline", { daemon });
  await waitFor(() => expect(requests(daemon, "GET /v1/builds/b1/logs/index").length).toBe(1));
  expect(await screen.findByText(/Loading Timeline/i)).toBeDefined();
  expect(screen.queryByText("No step has begun.") === null).toBe(true);
  answer({ steps: [], places: [], errors: [] });
  expect(await screen.findByText("No step has begun.")).toBeDefined();
});

test("the steps of a running build are asked for when its log has grown, and not again and again", async () => {
  const daemon = daemonWith([aBuild({ status: "running", finished_at: null, run_ms: null })]);
  const began = { name: "checkout", first_line: 1, lines: 1, first_byte: 0, bytes: 9, started_at: 1 };
  const steps: object[] = [began];
  daemon.more.push([/^GET \/v1\/builds\/b1\/logs\/index$/, () => ({ steps, places: [], errors: [] })]);
  const timers = spyOn(globalThis, "setInterval");
  openApp("/builds/b1?view=timeline", { daemon });
  await screen.findByRole("row", { name: /checkout/ });
  const repeated = timers.mock.calls.map(([run]) => run);
  timers.mockRestore();
  act(() => {
    for (const run of repeated) run();
  });
  await waitFor(() => expect(daemon.openStreams).toBe(1));
  steps.push({ ...began, name: "build-1", started_at: 2 });
  daemon.emit("log", { build_id: "another", sequence: 4 });
  daemon.emit("log", { build_id: "b1", sequence: 4 });
  daemon.emit("log", { build_id: "b1", sequence: 5 });
  expect(await screen.findByRole("row", { name: /build-1/ })).toBeDefined();
  expect(requests(daemon, "GET /v1/builds/b1/logs/index").length).toBe(2);
});

test("a timeline that could not be read comes by itself once the server is back", async () => {
  const daemon = redDaemon();
  daemon.builds = [aBuild({ wait_ms: 0, step_results: [] })];
  daemon.failOn("GET /v1/builds/b1/logs/index", { status: 503, code: "unavailable", error: "not now" });
  openApp("/builds/b1?view=timeline", { daemon });
  expect(await screen.findByText(/not now/)).toBeDefined();
  daemon.recover();
  expect(await screen.findByRole("row", { name: /build-1/ })).toBeDefined();
});

test("the steps stand beside the log and markers are not shown as lines", async () => {
  openApp("/builds/b1?view=log", { daemon: daemonWith([redBuild()], { text: RED_LOG }) });
  const rail = await screen.findByRole("navigation", { name: "Steps" });
  expect(within(rail).getByRole("button", { name: /checkout/ })).toBeDefined();
  await screen.findByText("HEAD is now at 4f2a9c1");
  expect(screen.queryByText(/oore-step/)).toBeNull();
});

test("artifacts and configuration are views with an address", async () => {
  const { container, user, router } = openApp("/builds/b1?view=artifacts", {
    daemon: daemonWith([aBuild()]),
  });
  expect(await screen.findByRole("button", { name: "Download app.apk" })).toBeDefined();
  expect(await axeFindings(container)).toEqual([]);
  await user.click(screen.getByRole("link", { name: "Configuration" }));
  await screen.findByText("Everything that was recorded");
  expect(router.state.location.search).toEqual({ view: "config" });
  expect(await axeFindings(container)).toEqual([]);
});

test("the history of a build that is over calls its runner by name", async () => {
  const daemon = daemonWith([aBuild()]);
  const change = {
    id: "e1",
    build_id: "b1",
    from_status: "running",
    to_status: "succeeded",
    created_at: NOW,
  };
  const events = [
    { ...change, actor: "runner:r1" },
    { ...change, id: "e2", actor: "runner:gone" },
  ];
  daemon.more.unshift([/^GET \/v1\/builds\/b1$/, () => ({ build: aBuild(), events })]);
  openApp("/builds/b1?view=history", { daemon });
  expect(await screen.findByText("by runner this-machine")).toBeDefined();
  expect(screen.getByText("by runner:gone")).toBeDefined();
});

test("search parameters: nonsense falls back, defaults are left out", () => {
  expect(parseBuildsSearch({ status: "failed,bogus", sort: "created_at:desc", offset: "x", q: 12 })).toEqual({
    status: "failed",
    q: "12",
  });
  expect(parseBuildSearch({ view: "log", step: "" })).toEqual({ view: "log" });
  expect(parseBuildSearch({ view: "bogus" })).toEqual({});
  expect(parseBuildSearch({ view: "history" })).toEqual({ view: "timeline" });
  expect(parsePlace("L20-L10", "build-1")).toEqual({ step: "build-1", from: 10, to: 20 });
  expect(parsePlace("main", undefined)).toBeNull();
  expect(placeHash({ step: "", from: 3, to: 3 })).toBe("L3");
});
