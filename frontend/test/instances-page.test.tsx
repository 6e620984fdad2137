/** The list of instances, links to instances and the way from one to another, over the real route tree. */
import { afterEach, beforeEach, expect, test } from "bun:test";
import { createMemoryHistory, RouterProvider } from "@tanstack/react-router";
import { render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { chooseInstance } from "@/lib/instances/current";
import { addInstance, instances, ownInstance } from "@/lib/instances/registry";
import { runtimeOf } from "@/lib/instances/runtime";
import { makeRouter } from "@/router";
import { axeFindings, openApp } from "./app.tsx";
import { FakeDaemon } from "./fake/daemon.ts";
import { aProject, NOW } from "./fake/data.ts";
import { absent, button, heading } from "./find.ts";

const THERE = "https://there.example.com";

/** Who answers where; at all other addresses nobody does. */
let hosts: Record<string, (request: Request) => Response | Promise<Response>>;

function serve(daemon: FakeDaemon): FakeDaemon {
  globalThis.fetch = (async (input: string, init?: RequestInit) => {
    const url = new URL(String(input), window.location.origin);
    if (url.origin === window.location.origin) return daemon.fetch(url.href, init);
    const host = hosts[url.origin];
    if (!host) throw new TypeError("refused");
    return host(new Request(url.href, init));
  }) as typeof fetch;
  return daemon;
}

function daemonThere(): FakeDaemon {
  const there = new FakeDaemon();
  there.token = "token-there";
  there.status = { ...there.status, instance_id: "i2" };
  there.projects = [aProject({ name: "Only there" })];
  hosts[THERE] = (request) => there.fetch(request);
  return there;
}

/** Only what may be sent without being read gets through, as to a server that does not list this page. */
const refusing = (request: Request) => {
  if (request.mode !== "no-cors") throw new TypeError("CORS");
  return new Response();
};

function openList(path = "/connect") {
  const app = openApp(path);
  serve(app.daemon);
  return app;
}

async function tryAddress(user: ReturnType<typeof userEvent.setup>, address: string) {
  const field = screen.getByLabelText("Address");
  await user.clear(field);
  if (address) await user.type(field, address);
  await user.click(await button("Check and add"));
}

const rows = () =>
  within(screen.getByRole("list", { name: "Known instances" }))
    .getAllByRole("listitem")
    .map((row) => row.querySelector("p > span")?.textContent);

beforeEach(() => {
  hosts = {};
  instances.set([]);
  const own = ownInstance();
  if (own) chooseInstance(own);
});

afterEach(() => {
  delete process.env.OORE_HOSTED;
});

test("an address is checked before it is added, and every obstacle is told apart", async () => {
  const { user, container } = openList();
  await heading("Instances");
  expect(await screen.findByText("Reachable")).toBeDefined();
  hosts["https://web.example.com"] = () => new Response("<html>hello</html>");
  hosts["https://api.example.com"] = () => Response.json({ ok: true });
  hosts["https://strict.example.com"] = refusing;
  hosts["https://proxy.example.com"] = () => new Response(null, { status: 401 });
  for (const [address, says] of [
    ["", "Enter an address."],
    ["http://ci.example.com", "Without https only this machine can be reached"],
    ["https://ana:pw@ci.example.com", "Leave user name and password out"],
    ["https://web.example.com", "No Oore CI is at this address"],
    ["https://api.example.com", "No Oore CI is at this address"],
    ["https://strict.example.com", "The instance does not allow this page to call it"],
    ["https://proxy.example.com", "Something in front of the instance asks to sign in"],
    ["https://nobody.example.com", "Nothing answers at this address"],
    ["localhost:8787", "localhost:8787 is in the list already"],
  ] as const) {
    await tryAddress(user, address);
    expect(await screen.findByText(new RegExp(says))).toBeDefined();
  }
  await tryAddress(user, "https://strict.example.com");
  const refusal = await screen.findByRole("alert");
  expect(within(refusal).getByText(window.location.origin)).toBeDefined();
  expect(await axeFindings(container)).toEqual([]);
  expect(instances.get().length).toBe(1);
});

test("an instance is added under its host's name, and no token goes there", async () => {
  const there = daemonThere();
  const tokens: (string | null)[] = [];
  hosts[THERE] = (request) => {
    tokens.push(request.headers.get("authorization"));
    return there.fetch(request);
  };
  const { user } = openList();
  await heading("Instances");
  await tryAddress(user, "there.example.com");
  expect((await screen.findAllByText("there.example.com was added.")).length).toBeGreaterThan(0);
  expect(rows()).toEqual(["localhost:8787", "there.example.com"]);
  expect(tokens.length).toBeGreaterThan(0);
  expect(tokens.filter(Boolean)).toEqual([]);
});

test("a check that breaks is said, by the form and by the question of a link, and can be tried again", async () => {
  const { user } = openList(`/connect?add=${encodeURIComponent(THERE)}`);
  const breaks = () => {
    throw new Error("the browser gave up");
  };
  hosts[THERE] = breaks;
  const question = within(await screen.findByRole("region", { name: "Add the instance of this link?" }));
  await user.click(question.getByRole("button", { name: "Check and add" }));
  expect((await question.findByRole("alert")).textContent).toContain("the browser gave up");
  const form = within((await screen.findByLabelText("Address")).closest("form") as HTMLElement);
  await user.type(form.getByLabelText("Address"), THERE);
  await user.click(form.getByRole("button", { name: "Check and add" }));
  expect((await form.findByRole("alert")).textContent).toContain("the browser gave up");
  daemonThere();
  await user.click(form.getByRole("button", { name: "Check and add" }));
  await waitFor(() => expect(rows()).toEqual(["localhost:8787", "there.example.com"]));
});

test("the same daemon under another address is recognised, and added only if wanted", async () => {
  const { user, daemon } = openList();
  await heading("Instances");
  hosts[THERE] = (request) => daemon.fetch(request);
  await tryAddress(user, THERE);
  expect(await screen.findByText("This is localhost:8787 under another address")).toBeDefined();
  expect(rows().length).toBe(1);
  await user.click(await button("Add all the same"));
  await waitFor(() => expect(rows().length).toBe(2));
});

test("instances are renamed, ordered with keys, and removed with what they held", async () => {
  daemonThere();
  const there = addInstance({ label: "There", url: THERE });
  const session = { token: "token-there", expiresAt: NOW + 3600, userId: "u1" };
  runtimeOf(there).session.start(session);
  const { user, container } = openList();
  await heading("Instances");
  await waitFor(() => expect(screen.getAllByText("Signed in").length).toBe(2));
  (await button("Move There up")).focus();
  await user.keyboard("{Enter}");
  expect(await screen.findByText("There is number 1 of 2 now.")).toBeDefined();
  expect(rows()).toEqual(["There", "localhost:8787"]);
  expect(document.activeElement?.getAttribute("aria-label")).toBe("Move There up");

  await user.click(await button("Actions for There"));
  await user.click(await screen.findByRole("menuitem", { name: "Rename…" }));
  const field = await screen.findByLabelText("Name", { selector: "[role=dialog] input" });
  await user.clear(field);
  await user.type(field, "Elsewhere{Enter}");
  await waitFor(() => expect(rows()).toEqual(["Elsewhere", "localhost:8787"]));

  await user.click(await button("Actions for localhost:8787"));
  await screen.findByRole("menu");
  expect(screen.queryByRole("menuitem", { name: "Remove…" })).toBeNull();
  await user.keyboard("{Escape}");
  await user.click(await button("Actions for Elsewhere"));
  await user.click(await screen.findByRole("menuitem", { name: "Remove…" }));
  expect(await screen.findByText("your session there, which is ended")).toBeDefined();
  expect(await axeFindings(container)).toEqual([]);
  await user.click(await button("Remove"));
  expect(await screen.findByText("Elsewhere was removed from this browser.")).toBeDefined();
  expect(rows()).toEqual(["localhost:8787"]);
  expect(JSON.stringify({ ...sessionStorage, ...localStorage })).not.toContain(there.id);
});

test("signing out of one instance leaves the other signed in", async () => {
  daemonThere();
  const there = runtimeOf(addInstance({ label: "There", url: THERE }));
  there.session.start({ token: "token-there", expiresAt: NOW + 3600, userId: "u1" });
  const { user, runtime } = openList();
  await heading("Instances");
  await user.click(await button("Actions for There"));
  await user.click(await screen.findByRole("menuitem", { name: "Sign out" }));
  expect(await screen.findByText("You are signed out of There.")).toBeDefined();
  expect(there.session.token()).toBeNull();
  expect(runtime.session.token()).not.toBeNull();
});

test("a session that can't be ended stays, and why is said", async () => {
  const daemon = daemonThere();
  daemon.failOn("POST /v1/auth/logout", { status: 403, code: "permission_denied", error: "not from here" });
  const there = runtimeOf(addInstance({ label: "There", url: THERE }));
  there.session.start({ token: "token-there", expiresAt: NOW + 3600, userId: "u1" });
  const { user } = openList();
  await heading("Instances");
  await user.click(await button("Actions for There"));
  await user.click(await screen.findByRole("menuitem", { name: "Sign out" }));
  expect(await screen.findByText("not from here")).toBeDefined();
  expect(there.session.token()).not.toBeNull();
});

test("a link to an unknown instance asks first, sends nothing meanwhile, and then leads on", async () => {
  daemonThere();
  const asked: string[] = [];
  const there = hosts[THERE];
  hosts[THERE] = (request) => {
    asked.push(new URL(request.url).pathname);
    return there?.(request) ?? new Response();
  };
  const { user, router, container } = openList(`/projects?instance=${encodeURIComponent(THERE)}`);
  expect(await screen.findByText("Add the instance of this link?")).toBeDefined();
  const question = screen.getByRole("region", { name: "Add the instance of this link?" });
  expect(within(question).getByText(THERE)).toBeDefined();
  expect(await axeFindings(container)).toEqual([]);
  expect(asked).toEqual([]);
  expect(instances.get().length).toBe(1);
  await user.click(within(question).getByRole("button", { name: "Check and add" }));
  await heading("Projects");
  expect(await screen.findByText("Only there")).toBeDefined();
  expect(router.state.location.search).toEqual({ instance: THERE });
});

test("a link's address that carries credentials is refused, and can be left", async () => {
  const { user } = openList(`/?instance=${encodeURIComponent("https://u:p@evil.example.com")}`);
  const question = await screen.findByRole("region", { name: "Add the instance of this link?" });
  await user.click(within(question).getByRole("button", { name: "Check and add" }));
  expect(await within(question).findByText(/Leave user name and password out/)).toBeDefined();
  await user.click(within(question).getByRole("button", { name: "Don’t add it" }));
  await absent(() => screen.queryByText("Add the instance of this link?"));
  expect(instances.get().length).toBe(1);
});

test("each instance has its own pages; going back finds them as they were", async () => {
  const there = daemonThere();
  const other = runtimeOf(addInstance({ label: "There", url: THERE }));
  other.session.start({ token: there.token, expiresAt: NOW + 3600, userId: "u1" });
  const { user, router, daemon } = openList("/projects");
  expect(await screen.findByText("Shop app")).toBeDefined();
  // The keys come with it.
  await button("Instance localhost:8787: switch or manage");
  await user.keyboard("{Control>}2{/Control}");
  await waitFor(() => expect(router.state.location.search).toEqual({ instance: THERE }));
  await button("Instance There: switch or manage");
  await user.click((await screen.findAllByRole("link", { name: "Projects" }))[0] as HTMLElement);
  expect(await screen.findByText("Only there")).toBeDefined();
  expect(screen.queryByText("Shop app")).toBeNull();
  expect(router.state.location.search).toEqual({ instance: THERE });
  const read = daemon.seen.find((line) => line.startsWith("GET /v1/projects"));
  await user.keyboard("{Control>}1{/Control}");
  await waitFor(() => expect(router.state.location.search).toEqual({}));
  await button("Instance localhost:8787: switch or manage");
  await user.click((await screen.findAllByRole("link", { name: "Projects" }))[0] as HTMLElement);
  expect(await screen.findByText("Shop app")).toBeDefined();
  expect(screen.queryByText("Only there")).toBeNull();
  router.history.back();
  router.history.back();
  expect(await screen.findByText("Only there")).toBeDefined();
  expect(daemon.seen.filter((line) => line === read).length).toBe(1);
});

test("the switcher shows all instances, and one that was taken off the list elsewhere is left", async () => {
  const there = daemonThere();
  const other = addInstance({ label: "There", url: THERE });
  runtimeOf(other).session.start({ token: there.token, expiresAt: NOW + 3600, userId: "u1" });
  const { user, router, container } = openList("/projects");
  await heading("Projects");
  await user.click(await button("Instance localhost:8787: switch or manage"));
  const list = within(await screen.findByRole("dialog", { name: "Instances" }));
  expect(await list.findByText("There")).toBeDefined();
  expect(await axeFindings(container)).toEqual([]);
  await user.click(list.getByText("There"));
  await waitFor(() => expect(router.state.location.search).toEqual({ instance: THERE }));
  await button("Instance There: switch or manage");
  localStorage.setItem("oore.instances", "[]");
  window.dispatchEvent(new StorageEvent("storage", { key: "oore.instances" }));
  await heading("Instances");
  expect(router.state.location.pathname).toBe("/connect");
});

test("a hosted build starts with the list, knows no instance, and never asks its own origin", async () => {
  process.env.OORE_HOSTED = "1";
  instances.set([]);
  const there = daemonThere();
  const daemon = serve(new FakeDaemon());
  const router = makeRouter(createMemoryHistory({ initialEntries: ["/projects"] }));
  const user = userEvent.setup();
  const { container } = render(<RouterProvider router={router} />);
  await heading("Instances");
  expect(await screen.findByText("No instance yet")).toBeDefined();
  expect(await axeFindings(container)).toEqual([]);
  await tryAddress(user, THERE);
  await waitFor(() => expect(instances.get().length).toBe(1));
  const [instance] = instances.get();
  if (!instance) throw new Error("it was added");
  runtimeOf(instance).session.start({ token: there.token, expiresAt: NOW + 3600, userId: "u1" });
  await user.click(
    (await screen.findAllByRole("button", { name: "Open there.example.com" }))[0] as HTMLElement,
  );
  await waitFor(() => expect(router.state.location.pathname).not.toBe("/connect"));
  expect((router.state.location.search as { instance?: string }).instance).toBe(THERE);
  expect(daemon.seen).toEqual([]);
});
