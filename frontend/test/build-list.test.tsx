/** The build list: ticking rows and what is done with them, saved views, groups. Over the real route tree. */
import { expect, spyOn, test } from "bun:test";
import { act, screen, waitFor, within } from "@testing-library/react";
import type { Build } from "@/api/types";
import { axeFindings, openApp } from "./app.tsx";
import { FakeDaemon } from "./fake/daemon.ts";
import { aBuild, aProject } from "./fake/data.ts";
import { absent, button, heading, requests } from "./find.ts";

const running = { started_at: null, finished_at: null, run_ms: null, status: "running" } as const;

function daemonWith(...patches: Partial<Build>[]): FakeDaemon {
  const daemon = new FakeDaemon();
  daemon.builds = patches.map((patch, index) =>
    aBuild({
      id: `b${index + 1}`,
      build_number: index + 1,
      commit_subject: `Subject ${index + 1}`,
      created_at: 1_000 + index,
      ...patch,
    }),
  );
  daemon.more.push([
    /^POST \/v1\/builds\/([^/]+)\/cancel$/,
    (_, [id]) => {
      daemon.builds = daemon.builds.map((one) => (one.id === id ? { ...one, status: "canceled" } : one));
      return { build: daemon.builds.find((one) => one.id === id) };
    },
  ]);
  return daemon;
}

const tick = (name: RegExp) => screen.findByRole("checkbox", { name });
const bar = () => screen.findByRole("region", { name: "Selected builds" });
/** Why a button does nothing. */
const reasonOf = (element: HTMLElement) =>
  document.getElementById(element.getAttribute("aria-describedby") ?? "")?.textContent;
const statuses = () => {
  const list = screen.getByRole("list", { name: "Builds" });
  return within(list)
    .getAllByRole("listitem")
    .map((item) => /Running|Canceled|Passed|Failed|Queued/.exec(item.textContent)?.[0]);
};

test("several builds are canceled at once; what is refused is taken back and said", async () => {
  const daemon = daemonWith(running, running, running);
  daemon.failOn("POST /v1/builds/b2/cancel", {
    status: 409,
    code: "concurrent_modification",
    error: "somebody else changed it",
  });
  const { user, container } = openApp("/builds", { daemon });
  await user.click(await tick(/Subject 1/));
  await user.click(await tick(/Subject 2/));
  expect(await axeFindings(container)).toEqual([]);
  await user.click(await within(await bar()).findByRole("button", { name: "Cancel 2 builds" }));
  const dialog = await screen.findByRole("dialog", { name: "Cancel 2 builds?" });
  expect(within(dialog).getByText("#2 Subject 2")).toBeDefined();
  await user.click(within(dialog).getByRole("button", { name: "Cancel 2 builds" }));
  expect(await screen.findByText(/^Build #\d+ canceled$/)).toBeDefined();
  expect(screen.getByText("1 build refused: #2: somebody else changed it")).toBeDefined();
  await waitFor(() => expect(statuses()).toEqual(["Canceled", "Running", "Running"]));
  await absent(() => screen.queryByRole("region", { name: "Selected builds" }));
});

const OVER = { status: 409, code: "invalid_transition", error: "a build that succeeded can't be canceled" };
const DENIED = { status: 403, code: "permission_denied", error: "not yours" };

async function cancelAll(daemon: FakeDaemon) {
  const { user } = openApp("/builds", { daemon });
  await user.click(await tick(/Subject 1/));
  const count = daemon.builds.length;
  await user.click(within(await bar()).getByRole("button", { name: `Select all ${count}` }));
  await user.click(await within(await bar()).findByRole("button", { name: `Cancel ${count} builds` }));
  const dialog = within(await screen.findByRole("dialog", { name: `Cancel ${count} builds?` }));
  await user.click(dialog.getByRole("button", { name: `Cancel ${count} builds` }));
}

/** It has ended since the list was read. */
function endsMeanwhile(daemon: FakeDaemon, ...ids: string[]) {
  for (const id of ids) daemon.failOn(`POST /v1/builds/${id}/cancel`, OVER);
  const answer = { ...running, status: "succeeded" } as const;
  daemon.more.unshift([
    /^POST \/v1\/builds\/b1\/cancel$/,
    () => {
      daemon.builds = daemon.builds.map((one) => ({
        ...one,
        ...(ids.includes(one.id) ? answer : { status: "canceled" }),
      }));
      return { build: daemon.builds[0] };
    },
  ]);
}

const told = () => within(screen.getByRole("region", { name: "Notifications" }));
const tellings = () => [...told().queryAllByText(/builds?/i)].map((item) => item.textContent);

test("how many were canceled and how many were over already is counted, and none of that is an error", async () => {
  const daemon = daemonWith(running, running, running, running, running);
  endsMeanwhile(daemon, "b2", "b4");
  await cancelAll(daemon);
  expect(await told().findByText("3 of 5 builds canceled, 2 were over already")).toBeDefined();
  expect(tellings().length).toBe(1);
  await waitFor(() => expect(statuses()).toEqual(["Canceled", "Passed", "Canceled", "Passed", "Canceled"]));
  await absent(() => screen.queryByRole("region", { name: "Selected builds" }));
});

test("what is refused for another reason is counted apart from what was over, with the reason of each", async () => {
  const daemon = daemonWith(running, running, running, running);
  endsMeanwhile(daemon, "b3");
  daemon.failOn("POST /v1/builds/b2/cancel", DENIED);
  daemon.failOn("POST /v1/builds/b4/cancel", DENIED);
  await cancelAll(daemon);
  expect(await told().findByText("1 of 4 builds canceled, 1 was over already")).toBeDefined();
  expect(tellings()).toEqual([
    "1 of 4 builds canceled, 1 was over already",
    "2 builds refused: #2: not yours · #4: not yours",
  ]);
});

test("where all were over already nothing is said to be canceled", async () => {
  const daemon = daemonWith(running, running);
  for (const id of ["b1", "b2"]) daemon.failOn(`POST /v1/builds/${id}/cancel`, OVER);
  await cancelAll(daemon);
  expect(await told().findByText("All 2 builds were over already")).toBeDefined();
  expect(tellings().length).toBe(1);
});

test("one build that was over already is named", async () => {
  const daemon = daemonWith(running);
  daemon.failOn("POST /v1/builds/b1/cancel", OVER);
  const { user } = openApp("/builds", { daemon });
  await user.click(await tick(/Subject 1/));
  await user.click(await within(await bar()).findByRole("button", { name: "Cancel" }));
  expect(await told().findByText("Build #1 was over already")).toBeDefined();
});

test("of builds that are run again those that were refused are counted, and Undo takes back the others", async () => {
  const daemon = daemonWith({}, {}, {});
  daemon.failOn("POST /v1/builds/b2/rerun", DENIED);
  const { user } = openApp("/builds", { daemon });
  await user.click(await tick(/Subject 1/));
  await user.click(within(await bar()).getByRole("button", { name: "Select all 3" }));
  await user.click(await screen.findByRole("button", { name: "Re-run 3 builds" }));
  expect(await told().findByText("2 builds queued")).toBeDefined();
  expect(tellings()).toEqual(["2 builds queued", "1 build refused: #2: not yours"]);
  await user.click(told().getByRole("button", { name: "Undo" }));
  expect(await told().findByText("2 builds canceled")).toBeDefined();
});

test("ended builds are run again together, and Undo cancels the new ones", async () => {
  const daemon = daemonWith({}, { status: "failed" });
  const { user } = openApp("/builds", { daemon });
  await user.click(await tick(/Subject 1/));
  await user.click(within(await bar()).getByRole("button", { name: "Select all 2" }));
  await user.click(await screen.findByRole("button", { name: "Re-run 2 builds" }));
  expect(await screen.findByText("2 builds queued")).toBeDefined();
  expect(requests(daemon, "POST /v1/builds/b1/rerun").length).toBe(1);
  await user.click(screen.getByRole("button", { name: "Undo" }));
  expect(await screen.findByText("2 builds canceled")).toBeDefined();
  expect(requests(daemon, "POST /v1/builds/b3/cancel").length).toBe(1);
  expect(requests(daemon, "POST /v1/builds/b4/cancel").length).toBe(1);
});

test("while builds are being canceled the dialog goes on naming them", async () => {
  const daemon = daemonWith(running, running);
  const answer = Promise.withResolvers<void>();
  daemon.more.unshift([
    /^POST \/v1\/builds\/b2\/cancel$/,
    () => answer.promise.then(() => ({ build: aBuild({ id: "b2", status: "canceled" }) })),
  ]);
  const { user } = openApp("/builds", { daemon });
  await user.click(await tick(/Subject 1/));
  await user.click(await tick(/Subject 2/));
  await user.click(await within(await bar()).findByRole("button", { name: "Cancel 2 builds" }));
  const dialog = within(await screen.findByRole("dialog", { name: "Cancel 2 builds?" }));
  await user.click(dialog.getByRole("button", { name: "Cancel 2 builds" }));
  await waitFor(() => expect(requests(daemon, "POST /v1/builds/b2/cancel").length).toBe(1));
  await waitFor(() => expect(screen.getAllByText("Canceled", { selector: "li *" }).length).toBe(2));
  expect(screen.getByRole("dialog", { name: "Cancel 2 builds?" })).toBeDefined();
  expect(dialog.getByText("#1 Subject 1")).toBeDefined();
  expect(dialog.getByText("#2 Subject 2")).toBeDefined();
  answer.resolve();
  expect(await screen.findByText("2 builds canceled")).toBeDefined();
  await absent(() => screen.queryByRole("dialog"));
});

test("Undo leaves alone what was ticked meanwhile", async () => {
  const daemon = daemonWith({}, {});
  const { user } = openApp("/builds", { daemon });
  await user.click(await tick(/Subject 1/));
  await user.click(await within(await bar()).findByRole("button", { name: "Re-run" }));
  await absent(() => screen.queryByRole("region", { name: "Selected builds" }));
  await user.click(await tick(/Subject 2/));
  await bar();
  await user.click(await button("Undo"));
  expect(await screen.findByText(/^Build #\d+ canceled$/)).toBeDefined();
  expect(within(await bar()).getByText("1 selected")).toBeDefined();
});

test("an answer that comes late leaves alone what was ticked on another page of results", async () => {
  const daemon = daemonWith(running, {});
  const { promise, resolve } = Promise.withResolvers<void>();
  daemon.more.unshift([
    /^POST \/v1\/builds\/b1\/cancel$/,
    () => promise.then(() => ({ build: daemon.builds[0] })),
  ]);
  const { user } = openApp("/builds", { daemon });
  await user.click(await tick(/Subject 1/));
  await user.click(await within(await bar()).findByRole("button", { name: "Cancel" }));
  await user.selectOptions(screen.getByRole("combobox", { name: "Sort by" }), "Oldest first");
  await waitFor(() =>
    expect(requests(daemon, "GET /v1/builds?sort=created_at&direction=asc").length).toBe(1),
  );
  await user.click(await tick(/Subject 2/));
  await waitFor(() => expect(screen.getByText("1 selected")).toBeDefined());
  await act(async () => resolve());
  expect(await screen.findByText(/^Build #\d+ canceled$/)).toBeDefined();
  await act(async () => undefined);
  expect(within(await bar()).getByText("1 selected")).toBeDefined();
});

test("what may be done is known of every project, however many there are", async () => {
  const daemon = daemonWith(running, { ...running, project_id: "p2" });
  daemon.projects = [aProject(), aProject({ id: "p2", capabilities: ["read"] })];
  // Neither is on the first page of them.
  daemon.more.push([/^GET \/v1\/projects$/, () => ({ projects: [], total: 202 })]);
  const { user } = openApp("/builds", { daemon });
  await user.click(await tick(/Subject 1/));
  await user.click(await tick(/Subject 2/));
  const cancel = await within(await bar()).findByRole("button", { name: "Cancel" });
  await waitFor(() => expect(cancel.getAttribute("aria-disabled")).toBeNull());
  await user.click(cancel);
  await absent(() => screen.queryByRole("region", { name: "Selected builds" }));
  expect(requests(daemon, "POST /v1/builds")).toEqual(["POST /v1/builds/b1/cancel"]);
});

test("nobody is told that they may not before that is known", async () => {
  const daemon = daemonWith(running);
  daemon.failOn("GET /v1/projects/p1", { status: 403, code: "permission_denied" });
  const { user } = openApp("/builds", { daemon });
  await user.click(await tick(/Subject 1/));
  const cancel = await within(await bar()).findByRole("button", { name: "Cancel" });
  await waitFor(() => expect(requests(daemon, "GET /v1/projects/p1").length).toBeGreaterThan(0));
  expect(reasonOf(cancel)).toBe("What you may do in their projects has not been read yet.");
});

test("what may not be done with the ticked builds says why", async () => {
  const daemon = daemonWith(running);
  daemon.projects = [aProject({ capabilities: ["read"] })];
  const { user } = openApp("/builds", { daemon });
  await user.click(await tick(/Subject 1/));
  const cancel = within(await bar()).getByRole("button", { name: "Cancel" });
  await waitFor(() => expect(cancel.getAttribute("aria-disabled")).toBe("true"));
  await waitFor(() =>
    expect(reasonOf(cancel)).toBe("You may not do this in the projects of the selected builds."),
  );
  await user.click(cancel);
  expect(requests(daemon, "POST /v1/builds")).toEqual([]);
});

test("x ticks the row, Escape lets go of all, and two builds can be compared", async () => {
  const { user } = openApp("/builds", { daemon: daemonWith({}, {}) });
  await tick(/Subject 1/);
  await user.keyboard("jxjx");
  const compare = await within(await bar()).findByRole("link", { name: "Compare" });
  expect(compare.getAttribute("href")).toBe("/builds/b1/compare/b2");
  await user.keyboard("{Escape}");
  await absent(() => screen.queryByRole("region", { name: "Selected builds" }));
});

test("while rows are ticked new builds wait", async () => {
  const daemon = daemonWith({});
  const { user } = openApp("/builds", { daemon });
  await user.click(await tick(/Subject 1/));
  daemon.builds = [aBuild({ id: "b9", commit_subject: "Brand new" }), ...daemon.builds];
  daemon.emit("build", { build_id: "b9", status: "queued" });
  await user.click(await button("1 new build"));
  expect(await screen.findByRole("link", { name: "Brand new" })).toBeDefined();
});

test("a view gets a name, is there after a reload, and comes back after it was removed", async () => {
  const first = openApp("/builds?status=failed&branch=main", { daemon: daemonWith({ status: "failed" }) });
  await heading("Builds");
  await first.user.click(await button("Views: not saved"));
  await first.user.click(await screen.findByRole("menuitem", { name: "Save this view…" }));
  await first.user.type(await screen.findByRole("textbox", { name: "Name" }), "Red main");
  expect(await axeFindings(screen.getByRole("dialog"))).toEqual([]);
  await first.user.click(screen.getByRole("button", { name: "Save" }));
  await button("Views: Red main");
  const [stored = ""] = Object.keys(localStorage).filter((key) => key.startsWith("oore.views."));
  expect(stored).toBe(`oore.views.${first.runtime.instance.id}.u1.builds`);
  expect(JSON.parse(localStorage.getItem(stored) ?? "")).toEqual([
    { name: "Red main", search: { status: "failed", branch: "main" } },
  ]);
  first.unmount();

  const { user, router } = openApp("/builds", { daemon: daemonWith({}) });
  await user.click(await button("Views: All builds"));
  await user.click(await screen.findByRole("menuitemcheckbox", { name: "Red main" }));
  await button("Views: Red main");
  expect(router.state.location.search).toEqual({ status: "failed", branch: "main" });
  await user.click(await button("Views: Red main"));
  await user.click(await screen.findByRole("menuitem", { name: "Remove “Red main”" }));
  await button("Views: not saved");
  await user.click(await button("Undo"));
  await button("Views: Red main");
});

test("without storage a view lives as long as the page", async () => {
  const off = spyOn(Storage.prototype, "setItem").mockImplementation(() => {
    throw new DOMException("off", "QuotaExceededError");
  });
  const { user, router } = openApp("/builds?branch=main", { daemon: daemonWith({}) });
  await user.click(await button("Views: not saved"));
  await user.click(await screen.findByRole("menuitem", { name: "Save this view…" }));
  await user.type(await screen.findByRole("textbox", { name: "Name" }), "Main{Enter}");
  await button("Views: Main");
  await router.navigate({ to: "/projects" });
  await heading("Projects");
  await router.navigate({ to: "/builds", search: { branch: "main" } });
  await button("Views: Main");
  off.mockRestore();
});

test("a view that every list has is a choice, and its name is taken", async () => {
  const { user, router } = openApp("/builds?branch=main", { daemon: daemonWith({}) });
  await user.click(await button("Views: not saved"));
  await user.click(await screen.findByRole("menuitem", { name: "Save this view…" }));
  const name = await screen.findByRole("textbox", { name: "Name" });
  await user.type(name, "Failed{Enter}");
  expect(await screen.findByText("Every list has a view of this name.")).toBeDefined();
  await user.keyboard("{Escape}");
  await user.click(await button("Views: not saved"));
  await user.click(await screen.findByRole("menuitemcheckbox", { name: "Failed" }));
  await waitFor(() => expect(router.state.location.search).toEqual({ status: "failed,timed_out" }));
});

test("grouped by commit the builds stand under what they are of", async () => {
  const same = { commit_sha: "a".repeat(40), commit_subject: "One push" };
  const daemon = daemonWith(
    { ...same, context: { project_name: "Shop app", pipeline_name: "Android" } },
    { commit_sha: "b".repeat(40) },
    { ...same, context: { project_name: "Shop app", pipeline_name: "iOS" } },
  );
  const { container } = openApp("/builds?group=commit", { daemon });
  const group = await screen.findByRole("region", { name: "One push" });
  const links = within(group).getAllByRole("link", { name: /^(Android|iOS)$/ });
  expect(links.map((link) => link.textContent)).toEqual(["Android", "iOS"]);
  expect(within(group).getByText("2 builds")).toBeDefined();
  expect(screen.getAllByRole("heading", { level: 2 }).length).toBe(2);
  expect(await axeFindings(container)).toEqual([]);
});

test("the menu of a row opens by key and does what the person may do", async () => {
  const daemon = daemonWith(running, {});
  const { user, container, router } = openApp("/builds", { daemon });
  await tick(/Subject 1/);
  await user.keyboard("j.");
  const menu = await screen.findByRole("menu", { name: "Actions of build #1" });
  expect(await axeFindings(container)).toEqual([]);
  const entries = within(menu).getAllByRole("menuitem");
  expect(entries.map((entry) => entry.textContent)).toEqual([
    "Open",
    "Cancel the build",
    "Go to the project",
    "Copy a link",
  ]);
  await user.keyboard("{ArrowDown}{Enter}");
  await waitFor(() => expect(statuses()[0]).toBe("Canceled"));
  await user.keyboard("j.");
  await screen.findByRole("menu", { name: "Actions of build #2" });
  await user.click(screen.getByRole("menuitem", { name: "Re-run" }));
  await waitFor(() => expect(requests(daemon, "POST /v1/builds/b2/rerun").length).toBe(1));
  await user.click(await screen.findByRole("link", { name: "Open" }));
  await waitFor(() => expect(router.state.location.pathname).toMatch(/^\/builds\/b/));
});

test("the menu of a row holds nothing that the person may never do", async () => {
  const daemon = daemonWith(running);
  daemon.projects = [aProject({ capabilities: ["read"] })];
  const { user } = openApp("/builds", { daemon });
  await user.click(await button("Actions of build #1"));
  await screen.findByRole("menuitem", { name: "Open" });
  expect(screen.queryByRole("menuitem", { name: "Cancel the build" })).toBeNull();
});
