/** Single keys, their sheet, the palette: over the real route tree. */
import { afterEach, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fireEvent, renderHook, screen, waitFor, within } from "@testing-library/react";
import { shortcutsAre, useShortcuts } from "@/lib/shortcuts";
import { axeFindings, openApp } from "./app.tsx";
import { FakeDaemon } from "./fake/daemon.ts";
import { aBuild, aProject, aUser } from "./fake/data.ts";
import { absent, heading, requests } from "./find.ts";

afterEach(() => shortcutsAre.set("on"));

const palette = () => screen.findByRole("combobox", { name: "Search and commands" });
const optionNames = () => screen.getAllByRole("option").map((option) => option.textContent);

test("g and a letter go to a page, and a letter alone does nothing", async () => {
  const { user, router } = openApp("/");
  await heading("Home");
  await user.keyboard("b");
  expect(router.state.location.pathname).toBe("/");
  await user.keyboard("gb");
  await heading("Builds");
  await user.keyboard("gp");
  await heading("Projects");
  await user.keyboard("gr");
  await heading("Runners");
  await user.keyboard("gh");
  await heading("Home");
});

test("keys do nothing while somebody types, nor when they are turned off", async () => {
  const { user, router } = openApp("/projects");
  await user.click(await screen.findByRole("searchbox"));
  await user.keyboard("gb");
  expect(router.state.location.pathname).toBe("/projects");
  await user.click(document.body);
  shortcutsAre.set("off");
  await user.keyboard("gb?");
  expect(router.state.location.pathname).toBe("/projects");
  expect(screen.queryByRole("dialog")).toBeNull();
  shortcutsAre.set("on");
  await user.keyboard("gb");
  await heading("Builds");
});

test("a sign that a layout has behind AltGr or Option is a key like any other, and one with Alt itself is not", () => {
  const pressed: string[] = [];
  const keep = (key: string) => () => void pressed.push(key);
  const { unmount } = renderHook(() =>
    useShortcuts({ previousStep: keep("["), nextStep: keep("]"), run: keep("c") }),
  );
  const press = (init: KeyboardEventInit & { modifierAltGraph?: boolean }) => {
    const event = new KeyboardEvent("keydown", { bubbles: true, ...init });
    event.getModifierState = (name) => name === "AltGraph" && init.modifierAltGraph === true;
    document.body.dispatchEvent(event);
  };
  press({ key: "[", code: "Digit8", altKey: true, ctrlKey: true, modifierAltGraph: true });
  press({ key: "]", code: "Digit6", altKey: true });
  expect(pressed).toEqual(["[", "]"]);
  press({ key: "[", code: "BracketLeft", altKey: true });
  press({ key: "[", code: "BracketLeft", ctrlKey: true });
  press({ key: "]", code: "Digit6", altKey: true, metaKey: true });
  press({ key: "c", code: "KeyC", altKey: true });
  expect(pressed).toEqual(["[", "]"]);
  unmount();
});

test("the sheet shows the keys of the page under it and leads to all of them", async () => {
  const { user } = openApp("/builds");
  await heading("Builds");
  await user.keyboard("?");
  const sheet = await screen.findByRole("dialog", { name: "Keyboard shortcuts" });
  expect(within(sheet).getByText("Search this page")).toBeDefined();
  expect(within(sheet).queryByText("Next error")).toBeNull();
  expect(await axeFindings(sheet)).toEqual([]);
  await user.click(within(sheet).getByRole("link", { name: "All of them" }));
  await heading("Keyboard shortcuts");
  expect(screen.getByText("Next error")).toBeDefined();
  expect(screen.getByText("Next row").previousElementSibling?.textContent).toBe("jor↓");
});

test("single keys are turned off on the page of shortcuts, and stay off", async () => {
  const { user, container, router } = openApp("/me/shortcuts");
  const single = await screen.findByRole("switch", { name: "Single-key shortcuts" });
  expect(await axeFindings(container)).toEqual([]);
  await user.click(single);
  expect(localStorage.getItem("oore.shortcuts")).toBe("off");
  await user.keyboard("gh");
  expect(router.state.location.pathname).toBe("/me/shortcuts");
  await user.click(single);
  expect(localStorage.getItem("oore.shortcuts")).toBeNull();
});

test("j and k go from row to row, and Enter opens the row", async () => {
  const daemon = new FakeDaemon();
  daemon.builds = [1, 2, 3].map((n) =>
    aBuild({ id: `b${n}`, build_number: n, commit_subject: `Subject ${n}` }),
  );
  const { user, router } = openApp("/builds", { daemon });
  await screen.findByRole("link", { name: "Subject 1" });
  await user.keyboard("jjjk");
  expect(document.activeElement?.textContent).toBe("Subject 2");
  await user.keyboard("{Enter}");
  await waitFor(() => expect(router.state.location.pathname).toBe("/builds/b2"));
});

test("the arrows go from row to row once a row has the focus, and scroll the page before", async () => {
  const daemon = new FakeDaemon();
  daemon.builds = [1, 2, 3].map((n) =>
    aBuild({ id: `b${n}`, build_number: n, commit_subject: `Subject ${n}` }),
  );
  const { user } = openApp("/builds", { daemon });
  const first = await screen.findByRole("link", { name: "Subject 1" });
  const scrolls = () => fireEvent.keyDown(document.activeElement ?? document.body, { key: "ArrowDown" });
  const focused = () => document.activeElement?.textContent;
  expect(scrolls()).toBe(true);
  expect(first === document.activeElement).toBe(false);
  await user.keyboard("j{ArrowDown}{ArrowDown}");
  expect(focused()).toBe("Subject 3");
  await user.keyboard("{ArrowUp}");
  expect(focused()).toBe("Subject 2");
  // Also from something else in the row, and not out of a field.
  screen.getByRole("checkbox", { name: "Select #2 Subject 2" }).focus();
  await user.keyboard("{ArrowUp}");
  expect(focused()).toBe("Subject 1");
  expect(scrolls()).toBe(false);
  const search = screen.getByRole("searchbox", { name: "Search builds" });
  await user.click(search);
  expect(scrolls()).toBe(true);
  expect(search === document.activeElement).toBe(true);
});

test("the palette goes to a place by its name, with the keyboard only", async () => {
  const { user, router } = openApp("/builds");
  await heading("Builds");
  await user.keyboard("{Control>}k{/Control}");
  const box = await palette();
  await waitFor(() => expect(document.activeElement === box).toBe(true));
  expect(optionNames()[0]).toContain("Search this page");
  expect(await axeFindings(screen.getByRole("dialog"))).toEqual([]);
  await user.keyboard("new proj");
  expect(optionNames()).toEqual(["New project"]);
  await user.keyboard("{Enter}");
  await waitFor(() => expect(router.state.location.pathname).toBe("/projects/new"));
  await absent(() => screen.queryByRole("dialog"));
});

test("the palette finds builds by number, projects and people, and tells when it fails", async () => {
  const daemon = new FakeDaemon();
  daemon.builds = [aBuild({ build_number: 142 })];
  daemon.projects = [aProject({ name: "Shop 142" })];
  daemon.capabilities = [...daemon.capabilities, "users.read"];
  daemon.more.push([/^GET \/v1\/users$/, () => ({ users: [aUser({ email: "ana@shop" })], total: 1 })]);
  const { user, router } = openApp("/", { daemon });
  await heading("Home");
  await user.click(screen.getByRole("button", { name: /Search/ }));
  await user.type(await palette(), "#142");
  await screen.findByRole("option", { name: /ana@shop/ });
  expect(requests(daemon, "GET /v1/builds?q=142&").length).toBe(1);
  const groups = screen.getAllByRole("group").map((group) => group.getAttribute("aria-label"));
  expect(groups).toEqual(["Builds", "People"]);
  daemon.failOn("GET /v1/projects", { status: 403, code: "permission_denied", error: "not you" });
  await user.type(await palette(), "x");
  expect(await screen.findByText("The search failed: not you")).toBeDefined();
  daemon.recover();
  await user.clear(await palette());
  await user.type(await palette(), "crash");
  await user.click(await screen.findByRole("option", { name: /Fix checkout crash.*#142/ }));
  await waitFor(() => expect(router.state.location.pathname).toBe("/builds/b1"));
});

test("Enter in the palette never opens what was found for an earlier text", async () => {
  const daemon = new FakeDaemon();
  daemon.projects = [aProject({ name: "Foolish app" }), aProject({ id: "p2", name: "Barista" })];
  const { user, router } = openApp("/builds", { daemon });
  await heading("Builds");
  await user.keyboard("{Control>}k{/Control}");
  await user.type(await palette(), "fooli");
  await screen.findByRole("option", { name: /Foolish app/ });
  const { promise: held, resolve: answer } = Promise.withResolvers<void>();
  daemon.more.push([
    /^GET \/v1\/projects$/,
    () => held.then(() => ({ projects: [aProject({ id: "p2", name: "Barista" })], total: 1 })),
  ]);
  await user.clear(await palette());
  await user.type(await palette(), "baris{Enter}");
  await waitFor(() => expect(requests(daemon, "GET /v1/projects?search=baris").length).toBe(1));
  await user.keyboard("{Enter}");
  expect(router.state.location.pathname).toBe("/builds");
  answer();
  await screen.findByRole("option", { name: /Barista/ });
  await user.keyboard("{Enter}");
  await waitFor(() => expect(router.state.location.pathname).toBe("/projects/p2"));
});

test("the palette offers no place that the person may not open", async () => {
  const daemon = new FakeDaemon();
  daemon.capabilities = ["projects.read", "builds.read"];
  const { user } = openApp("/", { daemon });
  await heading("Home");
  await user.keyboard("{Meta>}k{/Meta}");
  await palette();
  const names = optionNames().join("\n");
  expect(names).toContain("Builds");
  for (const word of ["Runners", "New project", "People", "Run a build"]) expect(names).not.toContain(word);
  await user.type(await palette(), "ana");
  await screen.findByText("Nothing found for “ana”");
  expect(requests(daemon, "GET /v1/users")).toEqual([]);
});

test("the palette does what the page under it offers", async () => {
  const { user, container } = openApp("/projects");
  await screen.findByRole("searchbox");
  await user.keyboard("{Control>}k{/Control}");
  await user.type(await palette(), "search this");
  await user.keyboard("{Enter}");
  await waitFor(() => expect(document.activeElement === screen.getByRole("searchbox")).toBe(true));
  expect(await axeFindings(container)).toEqual([]);
});

test("c starts a build from any page: which pipeline, then how", async () => {
  const { user, daemon } = openApp("/");
  await heading("Home");
  await screen.findByRole("link", { name: "Runners" });
  await user.keyboard("c");
  const dialog = await screen.findByRole("dialog", { name: "Run a build" });
  await within(dialog).findByRole("combobox", { name: "Pipeline" });
  expect(await axeFindings(dialog)).toEqual([]);
  await user.click(screen.getByRole("button", { name: "Continue" }));
  await screen.findByRole("dialog", { name: "Run Android release" });
  await user.click(screen.getByRole("button", { name: "Run build" }));
  expect(await screen.findByText("Build #1 queued")).toBeDefined();
  expect(daemon.bodies).toEqual([{ pipeline_id: "l1" }]);
});

test("times are shown as people want them in this browser", async () => {
  const { user, container } = openApp("/me");
  await user.click(await screen.findByRole("radio", { name: "Date and time of day" }));
  expect(localStorage.getItem("oore.times")).toBe("absolute");
  const since = container.querySelector("time");
  expect(since?.textContent).toMatch(/20\d\d.*\d:\d\d/);
  expect(await axeFindings(container)).toEqual([]);
  await user.click(screen.getByRole("radio", { name: "How long ago" }));
  expect(localStorage.getItem("oore.times")).toBeNull();
  expect(since?.textContent).toMatch(/now|ago/);
});

test("rows are as tall as people want them in this browser", async () => {
  const { user } = openApp("/me");
  const root = document.documentElement;
  await user.click(await screen.findByRole("radio", { name: /Compact/ }));
  expect([root.dataset.rows, localStorage.getItem("oore.rows")]).toEqual(["compact", "compact"]);
  await user.click(screen.getByRole("radio", { name: "Comfortable" }));
  expect([root.dataset.rows, localStorage.getItem("oore.rows")]).toEqual([undefined, null]);
});

test("compact rows are there before the first paint", () => {
  const root = document.documentElement;
  localStorage.setItem("oore.rows", "compact");
  const early = readFileSync(join(import.meta.dir, "../public/early.js"), "utf8");
  new Function("process", early)({ env: { OORE_SHELL: [] } });
  expect(root.dataset.rows).toBe("compact");
  delete root.dataset.rows;
});
