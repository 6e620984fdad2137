/** A log that is too large for the device: its end first, other parts on demand, what is beyond found by the server. */
import { afterEach, beforeEach, expect, test } from "bun:test";
import { screen, waitFor, within } from "@testing-library/react";
import type { BuildStatus } from "@/api/types";
import { axeFindings, openApp } from "./app.tsx";
import { daemonWith, withLogs } from "./fake/builds.ts";
import { aBuild } from "./fake/data.ts";
import { LongLog, numberedLines } from "./fake/long-log.ts";
import { requests } from "./find.ts";

const FILL = ".".repeat(1_000);
const long = (name: string, count: number) => numberedLines(name, count).map((line) => `${line} ${FILL}`);
const log = new LongLog(
  [
    { name: "checkout", lines: numberedLines("checkout", 40) },
    { name: "build-1", lines: long("build", 14_000) },
    { name: "build-2", lines: long("sign", 6_000) },
  ],
  100,
);
const TOTAL = "20,040";

beforeEach(() => {
  withLogs();
  Object.defineProperty(navigator, "deviceMemory", { value: 4, configurable: true });
  log.ranges.length = 0;
});
afterEach(() => {
  Reflect.deleteProperty(navigator, "deviceMemory");
});

function openLog(address = "/builds/b1?view=log", status: BuildStatus = "succeeded") {
  const daemon = daemonWith([aBuild({ status })]);
  const { fetch } = daemon;
  const answer = async (input: RequestInfo | URL, init?: RequestInit): Promise<Response> => {
    const request = new Request(input, init);
    const { pathname, searchParams } = new URL(request.url);
    if (pathname.endsWith("/logs/raw")) return log.raw(request);
    if (pathname.endsWith("/logs/index")) return Response.json(log.outline);
    if (pathname.endsWith("/logs/search")) {
      return Response.json(log.search(searchParams.get("q") ?? "", Number(searchParams.get("after")), 3));
    }
    if (pathname.endsWith("/logs/stream")) return new Response(new ReadableStream());
    return fetch(input, init);
  };
  return openApp(address, { daemon: Object.assign(daemon, { fetch: answer }) });
}

const bar = () => screen.findByRole("region", { name: "Part of the log" });
const shown = () => [...document.querySelectorAll(".log-text")].map((row) => row.textContent.split(" .")[0]);
const numberOf = (text: string) =>
  [...document.querySelectorAll(".log-row")]
    .find((row) => row.querySelector(".log-text")?.textContent.startsWith(`${text} `))
    ?.querySelector(".log-number")?.textContent;

test("the end comes first, says how much of the log it is, and its lines have their numbers", async () => {
  const { container } = openLog();
  const part = await bar();
  await within(part).findByText(`Showing the last 8,241 of ${TOTAL} lines`);
  expect(log.ranges).toEqual([expect.stringMatching(/^bytes=\d{8}-$/)]);
  expect(screen.getByText(`${TOTAL} lines`)).toBeDefined();
  await waitFor(() => expect(shown().length).toBeGreaterThan(10));
  const first = shown().find((text) => text?.startsWith("build line ")) ?? "";
  expect(numberOf(first)).toBe(first.replace("build line ", ""));
  expect(await axeFindings(container)).toEqual([]);
});

test("the part before is loaded on demand, then the one after it, and the end again", async () => {
  const { user } = openLog();
  const part = await bar();
  await within(part).findByText(/^Showing the last/);
  await user.click(within(part).getByRole("button", { name: "Load earlier" }));
  await within(part).findByText(`Showing lines 5,600 to 13,799 of ${TOTAL}`);
  await user.click(within(part).getByRole("button", { name: "Load later" }));
  await within(part).findByText(/^Showing (the last|lines 1\d,)/);
  await user.click(within(part).getByRole("button", { name: "Load earlier" }));
  await user.click(await within(part).findByRole("button", { name: "To the end" }));
  await within(part).findByText(/^Showing the last/);
  expect(within(part).queryByRole("button", { name: "Load later" })).toBeNull();
});

test("a link to lines outside of the end loads the part with them and no other", async () => {
  openLog("/builds/b1?view=log&step=build-1#L2000-L2001");
  await within(await bar()).findByText(/^Showing lines/);
  await waitFor(() => expect(document.querySelectorAll(".log-selected").length).toBe(2));
  expect(numberOf("build line 2000")).toBe("2000");
  expect(log.ranges.length).toBe(1);
});

test("steps that are not held stand beside the log and are loaded when they are chosen", async () => {
  const { user } = openLog();
  await within(await bar()).findByText(/^Showing the last/);
  const rail = await screen.findByRole("navigation", { name: "Steps" });
  await user.click(within(rail).getByRole("button", { name: /checkout/ }));
  await within(await bar()).findByText(/^Showing lines 1 to/);
  await waitFor(() => expect(shown()).toContain("checkout line 1"));
});

test("the search goes on beyond the part on the server, and a match there is gone to", async () => {
  const { user, daemon } = openLog();
  await within(await bar()).findByText(/^Showing the last/);
  await user.type(screen.getByRole("searchbox", { name: "Search the log" }), "checkout line 3");
  const beyond = await screen.findByRole("region", { name: "In the part that is not shown here" });
  const first = await within(beyond).findByRole("button", { name: /^checkout:3 ?c/ });
  await screen.findByText("No match in this part");
  expect(within(beyond).getAllByRole("listitem").length).toBe(3);
  await user.click(within(beyond).getByRole("button", { name: "Search on" }));
  await waitFor(() => expect(within(beyond).getAllByRole("listitem").length).toBe(6));
  await user.click(first);
  await within(await bar()).findByText(/^Showing lines 1 to/);
  await waitFor(() =>
    expect(document.querySelector(".log-current")?.textContent).toContain("checkout line 3"),
  );
  expect(requests(daemon, "GET /v1/builds/b1/logs/index").length).toBe(0);
});

test("a part that can't be loaded is said, and what is shown stays", async () => {
  const { user } = openLog();
  const part = await bar();
  const text = (await within(part).findByText(/^Showing the last/)).textContent;
  const { fetch } = globalThis;
  globalThis.fetch = (async (input: RequestInfo | URL, init?: RequestInit) =>
    String(new Request(input, init).url).includes("/logs/raw")
      ? Response.json({ error: "disk trouble", code: "storage_error" }, { status: 500 })
      : fetch(input, init)) as typeof globalThis.fetch;
  await user.click(within(part).getByRole("button", { name: "Load earlier" }));
  await screen.findByText(/disk trouble/);
  expect(within(part).getByText(text)).toBeDefined();
  await waitFor(() =>
    expect(within(part).getByRole("button", { name: "Load earlier" }).getAttribute("aria-busy")).toBeNull(),
  );
});

test("an earlier part of a log that still grows says that it does not, and following leads to the end", async () => {
  const { user } = openLog("/builds/b1?view=log", "running");
  const part = await bar();
  await within(part).findByText(/^Showing the last/);
  await user.click(within(part).getByRole("button", { name: "Load earlier" }));
  await within(part).findByText(/New lines are not shown here\.$/);
  await user.click(screen.getByRole("button", { name: "Resume following" }));
  await within(part).findByText(/^Showing the last/);
  await screen.findByRole("button", { name: "Follow" });
});
