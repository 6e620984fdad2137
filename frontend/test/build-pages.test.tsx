/** Builds, logs and artifacts over the real route tree, the log's worker running in the same thread. */
import { beforeEach, expect, test } from "bun:test";
import { screen, waitFor, within } from "@testing-library/react";
import type { Build, BuildFailure, BuildLogIndex } from "@/api/types";
import { holdRows } from "@/features/builds/held-rows";
import { parseBuildSearch, parseBuildsSearch } from "@/features/builds/search";
import { medianRun } from "@/features/builds/time-left";
import { parsePlace, placeHash } from "@/features/logs";
import { timesKept } from "@/features/logs/choices";
import { logAsMarkdown, numbered } from "@/features/logs/copied";
import { LogEngine } from "@/lib/log/engine";
import type { FromWorker, ToWorker } from "@/lib/log/messages";
import { axeFindings, openApp } from "./app.tsx";
import { FakeDaemon } from "./fake/daemon.ts";
import { aBuild, NOW } from "./fake/data.ts";
import { requests } from "./find.ts";

class InThreadWorker {
  onmessage: ((event: { data: FromWorker }) => void) | null = null;
  private readonly engine = new LogEngine((data) => this.onmessage?.({ data }));
  postMessage(message: ToWorker): void {
    queueMicrotask(() => this.engine.handle(message));
  }
  terminate(): void {
    this.onmessage = null;
  }
}

beforeEach(() => {
  timesKept.set("off");
  Object.assign(globalThis, { Worker: InThreadWorker });
});

const marker = (fields: object): string => `[oore-step] ${JSON.stringify(fields)}\n`;
const RED_LOG = [
  marker({ event: "start", name: "checkout", command: "" }),
  "HEAD is now at 4f2a9c1\n",
  marker({ event: "end", name: "checkout", status: "succeeded", exit_code: 0 }),
  marker({ event: "start", name: "build-1", command: "flutter build apk" }),
  "$ flutter build apk\n",
  "lib/main.dart:3:1: Error: Expected ';'.\n",
  marker({ event: "end", name: "build-1", status: "failed", exit_code: 1 }),
].join("");

type LogAnswer = { text?: string; status?: number };

/** A daemon that also has logs and artifacts. */
function daemonWith(builds: Build[], log: LogAnswer = {}): FakeDaemon {
  const daemon = new FakeDaemon();
  daemon.builds = builds;
  const { fetch } = daemon;
  const answer = async (input: RequestInfo | URL, init?: RequestInit): Promise<Response> => {
    const { pathname } = new URL(new Request(input, init).url);
    if (pathname.endsWith("/logs/raw")) {
      if (log.status) return Response.json({ error: "gone", code: "log_removed" }, { status: log.status });
      const text = log.text ?? "";
      const sequence = text.split("\n").length - 2;
      return new Response(text, { headers: { "x-oore-log-sequence": String(sequence) } });
    }
    if (pathname.endsWith("/artifacts")) return Response.json({ artifacts: [anArtifact] });
    return fetch(input, init);
  };
  return Object.assign(daemon, { fetch: answer });
}

const anArtifact = {
  id: "a1",
  build_id: "b1",
  name: "app.apk",
  artifact_type: "apk",
  file_path: "",
  file_size: 1_234_567,
  checksum: "9f86d081",
  metadata: {},
  created_at: NOW,
  state: "available",
};

const FAILURE: BuildFailure = {
  status: "failed",
  reason: "step_failed",
  step: "build-1",
  exit_code: 1,
  cause: {
    id: "dart_compile",
    tool: "dart",
    title: "The Dart compiler refused the code",
    hint: "Open the file.",
  },
  excerpt: [
    { line: 2, step_line: 1, text: "$ flutter build apk", is_error: false },
    { line: 3, step_line: 2, text: "lib/main.dart:3:1: Error: Expected ';'.", is_error: true },
  ],
};

const INDEX: BuildLogIndex = {
  sequence: 6,
  lines: 3,
  bytes: RED_LOG.length,
  steps: [
    { name: "", first_line: 1, lines: 0, first_byte: 0, bytes: 0 },
    {
      name: "checkout",
      first_line: 1,
      lines: 1,
      first_byte: 0,
      bytes: 10,
      started_at: NOW * 1000,
      ended_at: NOW * 1000 + 1_000,
      status: "succeeded",
    },
    {
      name: "build-1",
      first_line: 2,
      lines: 2,
      first_byte: 10,
      bytes: 10,
      started_at: NOW * 1000 + 1_000,
      ended_at: NOW * 1000 + 20_000,
      status: "failed",
      exit_code: 1,
    },
  ],
  places: [{ line: 1, byte: 0, sequence: 1, at: new Date(2026, 0, 2, 3, 4, 5).getTime() }],
  errors: [{ line: 3, lines: 1 }],
  error_lines: 1,
};

/** A failed build whose log the server has looked at. */
function redDaemon(): FakeDaemon {
  const daemon = daemonWith([redBuild()], { text: RED_LOG });
  daemon.more.push([/^GET \/v1\/builds\/b1\/failure$/, () => FAILURE]);
  daemon.more.push([/^GET \/v1\/builds\/b1\/logs\/index$/, () => INDEX]);
  return daemon;
}

const redBuild = () =>
  aBuild({
    status: "failed",
    failure_reason: "step_failed",
    error_message: "flutter build apk ended with exit code 1",
    step_results: [
      {
        name: "build-1",
        status: "failed",
        exit_code: 1,
        started_at: NOW - 20,
        finished_at: NOW,
        duration_ms: 20_000,
      },
    ],
  });

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
  const { user } = openApp("/builds/b1", { daemon: redDaemon() });
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
  openApp("/builds/b1", { daemon: redDaemon() });
  const rail = await screen.findByRole("navigation", { name: "Steps" });
  await within(rail).findByText("line with an error");
  const texts = within(rail).getAllByRole("button");
  expect(texts.map((step) => /checkout|build-1/.exec(step.textContent)?.[0])).toEqual([
    "checkout",
    "build-1",
  ]);
  expect(texts.map((step) => step.textContent.includes("1 line with an error"))).toEqual([false, true]);
});

test("beside the log stands where its errors and matches are", async () => {
  const { user } = openApp("/builds/b1", { daemon: redDaemon() });
  await waitFor(() => expect(document.querySelectorAll(".log-map-error").length).toBe(1));
  expect(document.querySelectorAll(".log-map-match").length).toBe(0);
  await user.type(screen.getByRole("searchbox", { name: "Search the log" }), "flutter");
  await waitFor(() => expect(document.querySelectorAll(".log-map-match").length).toBe(1));
});

test("the log takes the whole window: nothing behind it can be reached, Escape gives it back", async () => {
  const { user, container } = openApp("/builds/b1", { daemon: redDaemon() });
  await user.click(await screen.findByRole("button", { name: "Over the whole window" }));
  const header = screen.getByRole("banner", { hidden: true });
  expect(header.inert).toBe(true);
  expect(await axeFindings(container)).toEqual([]);
  await user.keyboard("{Escape}");
  await waitFor(() => expect(header.inert).toBe(false));
});

test("keys show the views, copy the address and cancel through the palette", async () => {
  const daemon = daemonWith([aBuild({ status: "running", finished_at: null, run_ms: null })]);
  const { user, router } = openApp("/builds/b1", { daemon });
  await screen.findByRole("button", { name: "Cancel build" });
  await user.keyboard("5");
  await screen.findByText("Everything that was recorded");
  expect(router.state.location.search).toEqual({ view: "config" });
  await user.keyboard("1y");
  await screen.findByText("Copied");
  expect(await navigator.clipboard.readText()).toBe(window.location.href);
  await user.keyboard("{Control>}k{/Control}");
  await user.type(await screen.findByRole("combobox", { name: "Search and commands" }), "cancel{Enter}");
  await waitFor(() => expect(requests(daemon, "POST /v1/builds/b1/cancel").length).toBe(1));
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

test("the steps stand beside the log and markers are not shown as lines", async () => {
  openApp("/builds/b1", { daemon: daemonWith([redBuild()], { text: RED_LOG }) });
  const rail = await screen.findByRole("navigation", { name: "Steps" });
  expect(within(rail).getByRole("button", { name: /checkout/ })).toBeDefined();
  await screen.findByText("HEAD is now at 4f2a9c1");
  expect(screen.queryByText(/oore-step/)).toBeNull();
});

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

test("without a step to go on from there is one way to run again", async () => {
  const { user, router } = openApp("/builds/b1", { daemon: redDaemon() });
  await screen.findByRole("button", { name: "Re-run" });
  expect(screen.queryByRole("button", { name: "Other ways to start again" })).toBeNull();
  await user.click(screen.getByRole("button", { name: "Re-run" }));
  await waitFor(() => expect(router.state.location.pathname).toBe("/builds/b2"));
  expect(document.body.textContent).toContain("Build #2 queued");
});

test("a build shows its chain and the rest of its matrix", async () => {
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
  const chain = await screen.findByRole("region", { name: "Chain of re-runs" });
  expect(chain.textContent).toBe("#3Failed→#7from DeployPassed");
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
  expect(await screen.findByText("1 build queued")).toBeDefined();
  expect(await screen.findByText("The source changed.")).toBeDefined();
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
  await waitFor(() => expect(daemon.canceled).toEqual(["b1", "b2"]));
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

test("a list says how many tests failed, else how many there were", async () => {
  const builds = [3, 0].map((failed) =>
    aBuild({ id: `b${failed}`, tests: { passed: 60, failed, skipped: 2 } }),
  );
  openApp("/builds", { daemon: daemonWith(builds) });
  expect(await screen.findByText("3 tests failed")).toBeDefined();
  expect(screen.getByText("62 tests")).toBeDefined();
});

test("the list tells the builds of a matrix apart", async () => {
  const builds = ["android", "ios"].map((platform) =>
    aBuild({ id: platform, matrix: { flavor: "prod", platform } }),
  );
  openApp("/builds", { daemon: daemonWith(builds) });
  expect(await screen.findByText("prod · android")).toBeDefined();
  expect(screen.getByText("prod · ios")).toBeDefined();
});

test("empty, removed and missing are told apart", async () => {
  const empty = openApp("/builds/b1", { daemon: daemonWith([aBuild()]) });
  expect(await screen.findByText("The log is empty")).toBeDefined();
  empty.unmount();
  const removed = openApp("/builds/b1", { daemon: daemonWith([aBuild()], { status: 410 }) });
  expect(await screen.findByText("The log was removed")).toBeDefined();
  removed.unmount();
  openApp("/builds/b9", { daemon: daemonWith([aBuild()]) });
  expect(await screen.findByText("This build does not exist")).toBeDefined();
});

test("artifacts, configuration and history are views with an address", async () => {
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

test("search parameters: nonsense falls back, defaults are left out", () => {
  expect(parseBuildsSearch({ status: "failed,bogus", sort: "created_at:desc", offset: "x", q: 12 })).toEqual({
    status: "failed",
    q: "12",
  });
  expect(parseBuildSearch({ view: "log", step: "" })).toEqual({});
  expect(parsePlace("L20-L10", "build-1")).toEqual({ step: "build-1", from: 10, to: 20 });
  expect(parsePlace("main", undefined)).toBeNull();
  expect(placeHash({ step: "", from: 3, to: 3 })).toBe("L3");
});

test("held rows are renewed in place and new ones are counted", () => {
  const one = aBuild({ id: "1", status: "running" });
  const two = aBuild({ id: "2" });
  const held = holdRows([one], [two, { ...one, status: "failed" }]);
  expect(held).toEqual({ shown: [{ ...one, status: "failed" }], fresh: 1 });
});

test("the steps beside the log are made wider and narrower by keys, within bounds", async () => {
  const { user } = openApp("/builds/b1", { daemon: redDaemon() });
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
