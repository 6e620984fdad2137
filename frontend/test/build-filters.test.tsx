/** The filters of the build list and what its rows say: whose builds, for what, where, when. Over the real route tree. */
import { expect, test } from "bun:test";
import { screen, waitFor, within } from "@testing-library/react";
import type { Build } from "@/api/types";
import { daysOf, parseBuildsSearch, toQuery } from "@/features/builds/list-search";
import { beginOf, dayOf, endOf, isDay } from "@/lib/days";
import { axeFindings, openApp } from "./app.tsx";
import { FakeDaemon } from "./fake/daemon.ts";
import { ALL_CAPABILITIES, aBuild, aRunner, NOW } from "./fake/data.ts";
import { absent, button, heading, requests } from "./find.ts";

function daemonWith(...patches: Partial<Build>[]): FakeDaemon {
  const daemon = new FakeDaemon();
  daemon.builds = patches.map((patch, at) => aBuild({ id: `b${at + 1}`, ...patch }));
  return daemon;
}

const choice = (name: string) => screen.findByRole("combobox", { name });
/** The query of the list's last request. */
function asked(daemon: FakeDaemon): Record<string, string> {
  const last = requests(daemon, "GET /v1/builds?").at(-1) ?? "";
  return Object.fromEntries(new URLSearchParams(last.split("?")[1]));
}
const today = dayOf(NOW * 1000);

test("one's own builds are one click, and a name is typed", async () => {
  const daemon = daemonWith({});
  const { user, router } = openApp("/builds", { daemon });
  const mine = await button("Mine");
  await user.click(mine);
  await waitFor(() => expect(asked(daemon).author).toBe("me"));
  expect(router.state.location.search).toEqual({ author: "me" });
  expect(mine.getAttribute("aria-pressed")).toBe("true");
  const author = screen.getByRole<HTMLInputElement>("searchbox", { name: "Author" });
  expect(author.value).toBe("");
  await user.type(author, "Mara");
  await waitFor(() => expect(asked(daemon).author).toBe("Mara"));
  expect(mine.getAttribute("aria-pressed")).toBe("false");
  await user.click(mine);
  await waitFor(() => expect(router.state.location.search).toEqual({ author: "me" }));
  expect(author.value).toBe("");
  await user.click(mine);
  await waitFor(() => expect(router.state.location.search).toEqual({}));
});

test("what is needed now and then is behind a button, stands in the address and is counted", async () => {
  const daemon = daemonWith({});
  const { user, router, container } = openApp("/builds", { daemon });
  const more = await button("More filters");
  expect(more.getAttribute("aria-expanded")).toBe("false");
  await user.click(more);
  await user.selectOptions(await choice("Platform"), "iOS");
  await user.selectOptions(await choice("Trigger"), "Webhook");
  await user.selectOptions(await choice("Date"), "Last 7 days");
  expect(router.state.location.search).toEqual({ trigger: "webhook", platform: "ios", when: "7d" });
  await button("More filters (3)");
  await waitFor(() =>
    expect(asked(daemon)).toMatchObject({
      platform: "ios",
      trigger_type: "webhook",
      from_ts: String(beginOf(dayOf(NOW * 1000, -6))),
    }),
  );
  expect(asked(daemon).to_ts).toBeUndefined();
  expect(await axeFindings(container)).toEqual([]);
  router.history.back();
  await waitFor(() => expect(router.state.location.search).toEqual({ trigger: "webhook", platform: "ios" }));
  await user.click(more);
  await absent(() => screen.queryByRole("combobox", { name: "Platform" }));
});

test("an address that has such a filter shows it", async () => {
  openApp("/builds?platform=macos", { daemon: daemonWith({}) });
  expect(((await choice("Platform")) as HTMLSelectElement).value).toBe("macos");
});

test("the filters of a narrow window are all there at once", async () => {
  const { user } = openApp("/builds", { daemon: daemonWith({}) });
  await user.click(await button("Filters"));
  await choice("Date");
  await user.click(await button("Filters"));
  await absent(() => screen.queryByRole("combobox", { name: "Date" }));
});

test("runners are asked for when they can be chosen, and not for those who may not read them", async () => {
  const daemon = daemonWith({});
  daemon.runners = [aRunner({ name: "mac-1" }), aRunner({ id: "r2", name: "mac-2" })];
  const { user, router, unmount } = openApp("/builds", { daemon });
  const more = await button("More filters");
  expect(requests(daemon, "GET /v1/runners")).toEqual([]);
  await user.click(more);
  await screen.findByRole("option", { name: "mac-2" });
  await user.selectOptions(await choice("Runner"), "mac-2");
  await waitFor(() => expect(asked(daemon).runner_id).toBe("r2"));
  expect(router.state.location.search).toEqual({ runner: "r2" });
  unmount();

  const other = daemonWith({});
  other.capabilities = ALL_CAPABILITIES.filter((name) => name !== "runners.read");
  const second = openApp("/builds?runner=gone", { daemon: other });
  await choice("Platform");
  expect(screen.queryByRole("combobox", { name: "Runner" }) === null).toBe(true);
  await waitFor(() => expect(asked(other).runner_id).toBe("gone"));
  expect(requests(other, "GET /v1/runners")).toEqual([]);
  second.unmount();
});

test("days of one's own begin as the days in use, and the address holds the days", async () => {
  const daemon = daemonWith({});
  const { user, router } = openApp("/builds?when=30d", { daemon });
  await user.selectOptions(await choice("Date"), "From … until");
  const first = dayOf(NOW * 1000, -29);
  expect(router.state.location.search).toEqual({ from: first, to: today });
  await waitFor(() =>
    expect(asked(daemon)).toMatchObject({ from_ts: String(beginOf(first)), to_ts: String(endOf(today)) }),
  );
  const until = await screen.findByLabelText("Until");
  await user.clear(until);
  await user.tab();
  await waitFor(() => expect(router.state.location.search).toEqual({ from: first }));
  await user.type(until, "2020-01-01");
  expect(await screen.findByText("Ends before it begins.")).toBeDefined();
  expect(router.state.location.search).toEqual({ from: first, to: "2020-01-01" });
  await user.selectOptions(await choice("Date"), "Any day");
  await waitFor(() => expect(router.state.location.search).toEqual({}));
});

test("when nothing is found each filter can be taken away", async () => {
  const daemon = daemonWith();
  daemon.runners = [aRunner({ name: "mac-1" })];
  const { user, router, container } = openApp(
    "/builds?author=me&platform=ios&runner=r1&from=2026-03-01&to=2026-03-05&branch=main",
    { daemon },
  );
  await button("Runner: mac-1 Remove");
  await button("Platform: iOS Remove");
  expect(await axeFindings(container)).toEqual([]);
  await user.click(await button("Date: Mar 1, 2026 – Mar 5, 2026 Remove"));
  await user.click(await button("Author: me Remove"));
  await user.click(await button("Runner: mac-1 Remove"));
  await waitFor(() => expect(router.state.location.search).toEqual({ platform: "ios", branch: "main" }));
});

test("a saved view has all filters, and is found again by them", async () => {
  const address = "/builds?author=me&platform=ios&runner=r1&when=today";
  const { user } = openApp(address, { daemon: daemonWith({}) });
  await user.click(await button("Views: not saved"));
  await user.click(await screen.findByRole("menuitem", { name: "Save this view…" }));
  await user.type(await screen.findByRole("textbox", { name: "Name" }), "Mine today{Enter}");
  await button("Views: Mine today");
  const [key = ""] = Object.keys(localStorage).filter((name) => name.startsWith("oore.views."));
  expect(JSON.parse(localStorage.getItem(key) ?? "")).toContainEqual({
    name: "Mine today",
    search: { author: "me", platform: "ios", runner: "r1", when: "today" },
  });
});

test("a row says who made the commit and for what it is built", async () => {
  const daemon = daemonWith(
    { commit_author: "Mara van Lindqvist", platforms: ["android", "ios"] },
    { commit_author: null, platforms: ["ios"], matrix: { flavor: "prod", platform: "ios" } },
    { commit_author: "ana@example.com", platforms: [] },
  );
  openApp("/builds", { daemon });
  await heading("Builds");
  const rows = within(await screen.findByRole("list", { name: "Builds" })).getAllByRole("listitem");
  const [first, second, third] = rows.map((row) => within(row));
  expect(first?.getByText("ML")).toBeDefined();
  expect(first?.getByText("Mara van Lindqvist")).toBeDefined();
  expect(first?.getByText("Android, iOS")).toBeDefined();
  expect(second?.queryByText("iOS") === null).toBe(true);
  expect(third?.getByText("a")).toBeDefined();
});

test("days are the calendar's: what is none falls back, a word wins over days", () => {
  expect([isDay("2026-02-28"), isDay("2026-02-30"), isDay("2026-2-3"), isDay("7d")]).toEqual([
    true,
    false,
    false,
    false,
  ]);
  const days = { from: "2026-02-01", to: "2026-02-30" };
  expect(parseBuildsSearch({ ...days, when: "8d", platform: "windows" })).toEqual({ from: "2026-02-01" });
  expect(parseBuildsSearch({ ...days, when: "7d" })).toEqual({ when: "7d" });
  const now = new Date(2026, 2, 30, 0, 30).getTime();
  expect(daysOf({ when: "today" }, now)).toEqual({ from: "2026-03-30" });
  expect(daysOf({ when: "7d" }, now)).toEqual({ from: "2026-03-24" });
  expect(daysOf({ when: "30d" }, now)).toEqual({ from: "2026-03-01" });
  const { from_ts, to_ts } = toQuery({ from: "2026-03-29", to: "2026-03-29" }, now);
  expect(from_ts).toBe(new Date(2026, 2, 29).getTime() / 1000);
  expect(to_ts).toBe(new Date(2026, 2, 30).getTime() / 1000 - 1);
});
