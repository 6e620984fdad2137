/** The Tests view of a build over the real route tree: every state, failures, paging, findings. */
import { expect, test } from "bun:test";
import { screen, waitFor, within } from "@testing-library/react";
import type { Build, BuildTests, Finding, TestCase } from "@/api/types";
import { axeFindings, openApp } from "./app.tsx";
import { FakeDaemon } from "./fake/daemon.ts";
import { aBuild } from "./fake/data.ts";

const aCase = (fields: Partial<TestCase> = {}): TestCase => ({
  name: "cart adds",
  file: "test/cart_test.dart",
  line: 8,
  outcome: "passed",
  duration_ms: 30,
  ...fields,
});

const FAILED = aCase({
  name: "cart shows the total",
  line: 19,
  outcome: "failed",
  duration_ms: 1_500,
  failure: {
    message: "Test failed. <b>See</b> above.",
    output: "Expected: exactly one widget",
    stack: "test/cart_test.dart 19:5  main.<fn>",
  },
});

const FOUND: BuildTests = {
  tests: {
    counts: { passed: 59, failed: 1, errors: 1, skipped: 2 },
    duration_ms: 4_000,
    is_cut_off: true,
    left_out: 3,
  },
  failures: [FAILED, aCase({ name: "cart breaks", outcome: "error" })],
  slowest: [FAILED, aCase()],
  analysis: {
    counts: { errors: 1, warnings: 0, infos: 2 },
    total: 3,
    findings: [
      {
        severity: "error",
        file: "lib/cart.dart",
        line: 3,
        column: 7,
        message: "Undefined name 'x'",
        code: "undefined",
      },
      {
        severity: "info",
        file: "lib/app.dart",
        line: 1,
        column: 1,
        message: "Avoid print",
        code: "avoid_print",
      },
      { severity: "info", file: "lib/cart.dart", line: 9, column: 1, message: "Avoid print", code: "" },
    ],
    left_out: 0,
  },
};

function daemonWith(found: BuildTests, build: Build = aBuild()): FakeDaemon {
  const daemon = new FakeDaemon();
  daemon.builds = [build];
  daemon.more.push([/^GET \/v1\/builds\/b1\/tests$/, () => found]);
  daemon.more.push([
    /^GET \/v1\/builds\/b1\/tests\/cases$/,
    (request) => {
      const query = new URL(request.url).searchParams;
      if (query.get("q")) return { cases: [], total: 0 };
      const offset = Number(query.get("offset") ?? 0);
      return { cases: [aCase({ name: `test ${offset + 1}` })], total: 63 };
    },
  ]);
  return daemon;
}

const VIEW = "/builds/b1?view=tests";

test("counts come first, then failures with what they say, as text", async () => {
  const { container, user } = openApp(VIEW, { daemon: daemonWith(FOUND) });
  // The first page of this file, with all its code to load.
  const counts = await screen.findByRole("list", { name: "Tests" });
  expect(
    within(counts)
      .getAllByRole("listitem")
      .map((item) => item.textContent),
  ).toEqual(["59passed", "1failed", "1with errors", "2skipped", "took 4 s"]);
  expect(screen.getByText("A report ended before its tests did")).toBeDefined();
  const failures = screen.getByRole("region", { name: "2 tests failed" });
  expect(within(failures).getByText("Test failed. <b>See</b> above.")).toBeDefined();
  expect(within(failures).getByText("Expected: exactly one widget")).toBeDefined();
  expect(within(failures).getByRole("button", { name: "Copy test/cart_test.dart:19" })).toBeDefined();
  expect(within(failures).queryByText(/doesn't say why/)).toBeNull();
  await user.click(within(failures).getByText("cart breaks"));
  expect(await within(failures).findByText(/doesn't say why/)).toBeDefined();
  expect(screen.getByText(/3 tests are counted but not listed/)).toBeDefined();
  expect(await axeFindings(container)).toEqual([]);
});

test("all tests are searched, filtered and paged by the server", async () => {
  const daemon = daemonWith(FOUND);
  const { user, router } = openApp(VIEW, { daemon });
  const all = await screen.findByRole("region", { name: "All tests" });
  await within(all).findByText("test 1");
  await user.click(within(all).getByRole("button", { name: "Next" }));
  await within(all).findByText("test 51");
  await user.selectOptions(within(all).getByLabelText("Show"), "Failed");
  const asked = (part: string) =>
    daemon.seen.some((line) => line.includes("/tests/cases") && line.includes(part));
  await waitFor(() => expect(asked("outcome=failed%2Cerror&limit=50&offset=0")).toBe(true));
  await user.type(within(all).getByLabelText("Search by name or file"), "nothing");
  expect(await within(all).findByText("Nothing matches")).toBeDefined();
  expect(
    within(all)
      .getAllByRole("status")
      .map((line) => line.textContent),
  ).toEqual(["Nothing matches"]);
  expect(router.state.location.search).toEqual({ view: "tests", outcome: "failed", q: "nothing" });
});

test("the address of a page of tests leads there again", async () => {
  const daemon = daemonWith(FOUND);
  const { user } = openApp(`${VIEW}&outcome=passed&offset=50`, { daemon });
  const all = await screen.findByRole("region", { name: "All tests" });
  expect(await within(all).findByText("test 51")).toBeDefined();
  expect(within(all).getByRole("status").textContent).toBe("63 tests");
  expect(within(all).getByLabelText<HTMLSelectElement>("Show").value).toBe("passed");
  await user.click(within(all).getByRole("button", { name: "Previous" }));
  expect(await within(all).findByText("test 1")).toBeDefined();
});

test("findings stand by file, the worst first", async () => {
  openApp(VIEW, { daemon: daemonWith(FOUND) });
  const analysis = await screen.findByRole("region", { name: "Analysis" });
  expect(within(analysis).getByText("1 error, 2 infos")).toBeDefined();
  const cart = within(analysis).getByRole("heading", { name: "lib/cart.dart" }).parentElement;
  expect(
    within(cart as HTMLElement)
      .getAllByRole("listitem")
      .map((item) => item.textContent),
  ).toEqual(["Error: Undefined name 'x'undefined3:7", "Info: Avoid print9:1"]);
  expect(within(analysis).queryByRole("link")).toBeNull();
  expect(
    within(analysis)
      .getAllByRole("heading", { level: 3 })
      .map((file) => file.textContent),
  ).toEqual(["lib/cart.dart", "lib/app.dart"]);
  expect(within(analysis).queryByRole("navigation")).toBeNull();
});

test("many findings are paged by the server, with the place in the address", async () => {
  const aFinding = (line: number): Finding => ({
    severity: "info",
    file: "lib/app.dart",
    line,
    column: 1,
    message: `finding ${line}`,
    code: "",
  });
  const daemon = daemonWith({
    ...FOUND,
    analysis: {
      counts: { errors: 0, warnings: 0, infos: 263 },
      total: 260,
      findings: Array.from({ length: 200 }, (_, index) => aFinding(index + 1)),
      left_out: 63,
    },
  });
  daemon.more.push([
    /^GET \/v1\/builds\/b1\/tests\/findings$/,
    (request) => {
      const offset = Number(new URL(request.url).searchParams.get("offset"));
      return { findings: [aFinding(offset + 1)], total: 260 };
    },
  ]);
  const { container, user, router } = openApp(VIEW, { daemon });
  const analysis = within(await screen.findByRole("region", { name: "Analysis" }));
  expect(analysis.getByText("finding 100")).toBeDefined();
  expect(analysis.queryByText("finding 101")).toBeNull();
  expect(analysis.getByText(/^3 findings are counted but not listed/)).toBeDefined();
  const asked = () => daemon.seen.filter((line) => line.includes("/tests/findings"));
  expect(asked()).toEqual([]);
  await user.click(analysis.getByRole("button", { name: "Next" }));
  await user.click(analysis.getByRole("button", { name: "Next" }));
  expect(await analysis.findByText("finding 201")).toBeDefined();
  expect(analysis.getByText("201–260 of 260")).toBeDefined();
  expect(asked().at(-1)).toEndWith("?limit=100&offset=200");
  expect(router.state.location.search).toEqual({ view: "tests", findings: 200 });
  expect(await axeFindings(container)).toEqual([]);
  await user.click(analysis.getByRole("button", { name: "Previous" }));
  await user.click(analysis.getByRole("button", { name: "Previous" }));
  expect(await analysis.findByText("finding 100")).toBeDefined();
  expect(router.state.location.search).toEqual({ view: "tests" });
});

test("an address of later findings leads there, or says why they can't be read", async () => {
  const daemon = daemonWith(FOUND);
  daemon.failOn("GET /v1/builds/b1/tests/findings", { status: 500, code: "data_error", error: "unreadable" });
  openApp(`${VIEW}&findings=100`, { daemon });
  const analysis = within(await screen.findByRole("region", { name: "Analysis" }));
  expect(await analysis.findByText("unreadable")).toBeDefined();
  expect(analysis.getByRole("button", { name: "Previous" })).toBeDefined();
});

test("without a report the view says how to make one; a running build is waited for", async () => {
  const nothing: BuildTests = { failures: [], slowest: [] };
  const { container, unmount } = openApp(VIEW, { daemon: daemonWith(nothing) });
  expect(await screen.findByText("No step left a report of its tests.")).toBeDefined();
  expect(screen.getByText(/OORE_REPORTS\/tests.json/)).toBeDefined();
  expect(screen.getByRole("button", { name: "Copy" })).toBeDefined();
  expect(await axeFindings(container)).toEqual([]);
  unmount();
  openApp(VIEW, { daemon: daemonWith(nothing, aBuild({ status: "running", finished_at: null })) });
  expect(await screen.findByText("Tests appear here when the steps are over.")).toBeDefined();
});

test("a clean analysis alone, an error and a refusal are told apart", async () => {
  const clean: BuildTests = {
    failures: [],
    slowest: [],
    analysis: { counts: { errors: 0, warnings: 0, infos: 0 }, findings: [], total: 0, left_out: 0 },
  };
  const first = openApp(VIEW, { daemon: daemonWith(clean) });
  expect(await screen.findByText("The analysis found nothing.")).toBeDefined();
  expect(screen.queryByRole("region", { name: "All tests" })).toBeNull();
  first.unmount();
  const broken = daemonWith(clean);
  broken.failOn("GET /v1/builds/b1/tests", {
    status: 500,
    code: "data_error",
    error: "stored data is unreadable",
  });
  const second = openApp(VIEW, { daemon: broken });
  expect(await screen.findByText("stored data is unreadable")).toBeDefined();
  second.unmount();
  const closed = daemonWith(clean);
  closed.failOn("GET /v1/builds/b1/tests", { status: 403, code: "permission_denied", error: "no" });
  openApp(VIEW, { daemon: closed });
  expect(await screen.findByText("You don't have access to this")).toBeDefined();
});

test("the failure card and the tab say how many tests failed", async () => {
  const build = aBuild({
    status: "failed",
    failure_reason: "step_failed",
    tests: { passed: 5, failed: 2, skipped: 0 },
  });
  const { user, router } = openApp("/builds/b1", { daemon: daemonWith(FOUND, build) });
  expect(await screen.findByRole("link", { name: "Tests 2 failed" })).toBeDefined();
  await user.click(screen.getByRole("link", { name: "2 tests failed" }));
  await waitFor(() => expect(router.state.location.search).toEqual({ view: "tests" }));
});
