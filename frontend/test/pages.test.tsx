/** The pages over the real route tree: data, empty, error, denied and gone states, and the first journey. */
import { expect, test } from "bun:test";
import { screen, waitFor, within } from "@testing-library/react";
import { axeFindings, openApp } from "./app.tsx";
import { FakeDaemon } from "./fake/daemon.ts";
import { aBuild, aProject } from "./fake/data.ts";
import { heading, requests } from "./find.ts";

test("home shows running and recent builds", async () => {
  const daemon = new FakeDaemon();
  daemon.builds = [
    aBuild({ id: "b2", status: "running", commit_subject: "Add dark mode", finished_at: null, run_ms: null }),
    aBuild(),
  ];
  const { container } = openApp("/", { daemon });
  const active = await screen.findByRole("list", { name: "Running and queued" });
  expect(within(active).getByText("Add dark mode")).toBeDefined();
  expect(
    within(await screen.findByRole("list", { name: "Recent builds" })).getByText("Passed"),
  ).toBeDefined();
  expect(await axeFindings(container)).toEqual([]);
});

test("the account menu is walked by keys, and left to where it was opened", async () => {
  const daemon = new FakeDaemon();
  daemon.capabilities = ["api_tokens.read"];
  const { user, router, container } = openApp("/runners", { daemon });
  const button = await screen.findByRole("button", { name: "Account and appearance" });
  await user.click(button);
  await screen.findByRole("menu", { name: "Account and appearance" });
  expect(await axeFindings(container)).toEqual([]);
  const focused = () => document.activeElement?.textContent;
  expect(focused()).toBe("My account");
  await user.keyboard("{ArrowUp}");
  expect(focused()).toBe("Sign out");
  await user.keyboard("{ArrowDown}{ArrowDown}");
  expect(focused()).toBe("API tokens");
  await user.keyboard("{End}{Home}d");
  expect(focused()).toBe("Dark");
  await user.keyboard("{Escape}");
  expect(screen.queryByRole("menu")).toBeNull();
  expect(document.activeElement).toBe(button);
  await user.keyboard("{Enter}");
  await screen.findByRole("menu");
  await user.click(document.body);
  expect(screen.queryByRole("menu")).toBeNull();
  await user.click(button);
  await user.click(await screen.findByRole("menuitem", { name: "API tokens" }));
  await waitFor(() => expect(router.state.location.pathname).toBe("/me/tokens"));
});

test("a build event changes the row on screen without a reload", async () => {
  const daemon = new FakeDaemon();
  daemon.builds = [aBuild({ status: "running", finished_at: null, run_ms: null })];
  openApp("/", { daemon });
  await screen.findByText("Running");
  await waitFor(() => expect(daemon.openStreams).toBe(1));
  daemon.builds = [aBuild({ status: "failed" })];
  daemon.emit("build", {
    build_id: "b1",
    project_id: "p1",
    pipeline_id: "l1",
    status: "failed",
    build_number: 7,
  });
  expect(await screen.findByText("Failed")).toBeDefined();
});

test("projects can be searched; the search is in the address; nothing found is not the same as nothing there", async () => {
  const daemon = new FakeDaemon();
  daemon.projects = [aProject(), aProject({ id: "p2", name: "Courier" })];
  const { user, router } = openApp("/projects", { daemon });
  await screen.findByRole("link", { name: "Courier" });
  await user.type(screen.getByRole("searchbox", { name: "Search projects" }), "zzz");
  expect(await screen.findByText("Nothing matches")).toBeDefined();
  expect(router.state.location.search).toEqual({ q: "zzz" });
  await user.click(screen.getByRole("button", { name: "Clear filters" }));
  expect(await screen.findByRole("link", { name: "Courier" })).toBeDefined();
});

test("a page beyond the end of a list says so and leads to the last one, and does not say that there is nothing", async () => {
  const daemon = new FakeDaemon();
  daemon.projects = Array.from({ length: 60 }, (_, at) => aProject({ id: `p${at}`, name: `Shop ${at}` }));
  const builds = Array.from({ length: 60 }, (_, at) => aBuild({ id: `b${at}`, build_number: at }));
  daemon.more.push([
    /^GET \/v1\/builds$/,
    ({ url }) => {
      const offset = Number(new URL(url).searchParams.get("offset") ?? 0);
      return { builds: builds.slice(offset, offset + 50), total: builds.length };
    },
  ]);
  for (const path of ["/builds", "/projects", "/projects/p1/builds"]) {
    const { user, router, unmount } = openApp(`${path}?offset=500`, { daemon });
    expect(await screen.findByText("Nothing this far down: there are 60 in all")).toBeDefined();
    expect(screen.queryByText(/No builds yet|No projects yet/) === null).toBe(true);
    await user.click(screen.getByRole("button", { name: "Previous" }));
    expect(await screen.findByText("51–60 of 60")).toBeDefined();
    expect(router.state.location.search).toEqual({ offset: 50 });
    unmount();
  }
});

test("an error keeps the title, names the request and can be tried again", async () => {
  const daemon = new FakeDaemon();
  daemon.failOn("GET /v1/projects", { status: 400, code: "invalid_input", error: "the list is broken" });
  const { user, container } = openApp("/projects", { daemon });
  await heading("Projects");
  expect(await screen.findByText("req-test-1")).toBeDefined();
  expect(await axeFindings(container)).toEqual([]);
  daemon.recover();
  await user.click(screen.getByRole("button", { name: "Try again" }));
  expect(await screen.findByRole("link", { name: "Shop app" })).toBeDefined();
});

test("a read that fails once is repeated silently", async () => {
  const daemon = new FakeDaemon();
  daemon.failOn("GET /v1/projects", { status: 500, code: "store_error" });
  openApp("/projects", { daemon });
  await waitFor(() => expect(requests(daemon, "GET /v1/projects").length).toBe(1));
  daemon.recover();
  expect(await screen.findByRole("link", { name: "Shop app" })).toBeDefined();
});

test("denied and gone are pages of their own", async () => {
  const daemon = new FakeDaemon();
  daemon.failOn("GET /v1/runners", { status: 403, code: "permission_denied" });
  const first = openApp("/runners", { daemon });
  await heading("Runners");
  expect(await screen.findByText("You don't have access to this")).toBeDefined();
  first.unmount();
  openApp("/projects/unknown");
  expect(await screen.findByText("This project does not exist")).toBeDefined();
});

test("an unknown address keeps the shell and offers a way on", async () => {
  openApp("/nowhere");
  await heading("Page not found");
  expect(screen.getByRole("navigation", { name: "Main" })).toBeDefined();
});

test("rights that can't be read are said to be, over pages that stand, and the next try brings what they open", async () => {
  const daemon = new FakeDaemon();
  daemon.failOn("GET /v1/bootstrap", { status: 400, code: "store_error", error: "the rights are away" });
  const { user, container, unmount } = openApp("/projects", { daemon });
  expect(await screen.findByText("What you may do here could not be loaded")).toBeDefined();
  expect(await screen.findByRole("link", { name: "Shop app" })).toBeDefined();
  expect(await axeFindings(container)).toEqual([]);
  unmount();
  const other = openApp("/projects/new", { daemon });
  expect(await screen.findByText("Could not load New project")).toBeDefined();
  other.unmount();
  openApp("/projects", { daemon });
  await screen.findByText("What you may do here could not be loaded");
  daemon.recover();
  await user.click(screen.getByRole("button", { name: "Try again" }));
  expect(await screen.findByRole("link", { name: "New project" })).toBeDefined();
  expect(screen.queryByText("What you may do here could not be loaded") === null).toBe(true);
});

test("who may read sources is led to them through the settings", async () => {
  const daemon = new FakeDaemon();
  daemon.capabilities = ["builds.write", "projects.read", "integrations.read"];
  const { user, router } = openApp("/projects", { daemon });
  await user.click(await screen.findByRole("link", { name: "Settings" }));
  await user.click((await screen.findAllByRole("link", { name: "Sources" }))[0] as HTMLElement);
  await waitFor(() => expect(router.state.location.pathname).toBe("/settings/integrations"));
});

test("controls that a person can never use are absent", async () => {
  const daemon = new FakeDaemon();
  daemon.capabilities = ["projects.read"];
  daemon.projects = [aProject({ capabilities: ["read"] })];
  const first = openApp("/projects", { daemon });
  await screen.findByRole("link", { name: "Shop app" });
  expect(screen.queryByRole("link", { name: "New project" })).toBeNull();
  expect(screen.queryByRole("link", { name: "Runners" })).toBeNull();
  first.unmount();
  openApp("/projects/p1", { daemon });
  await screen.findByRole("link", { name: "Android release" });
  expect(screen.queryByRole("button", { name: "Run Android release" })).toBeNull();
  expect(screen.queryByRole("link", { name: "Settings" })).toBeNull();
});
