/** Signing in again with an identity provider in a window of its own: on the page that waits, and in the window. */
import { afterEach, beforeEach, expect, spyOn, test } from "bun:test";
import { screen, waitFor, within } from "@testing-library/react";
import { arrival } from "@/lib/arrival";
import { currentRuntime } from "@/lib/instances/current";
import { addInstance, removeInstance } from "@/lib/instances/registry";
import { SessionKeeper } from "@/lib/instances/session";
import { axeFindings, openApp } from "./app.tsx";
import { FakeDaemon } from "./fake/daemon.ts";
import { NOW } from "./fake/data.ts";
import { absent, button, departures, requests } from "./find.ts";

/** What the browser gives for each new window, or null where it lets none open. */
function windows(...given: ({ closed: boolean } | null)[]) {
  const open = spyOn(window, "open");
  for (const one of given) {
    const handle = one && Object.assign(one, { close: () => undefined, focus: () => undefined });
    open.mockReturnValueOnce(handle as Window | null);
  }
  return { opened: () => open.mock.calls.map(([address]) => String(address)), end: () => open.mockRestore() };
}

/** By which page this one was opened. */
function openedBy(value: Window | null): void {
  Object.defineProperty(window, "opener", { value, writable: true, configurable: true });
}

function behindProvider(): FakeDaemon {
  const daemon = new FakeDaemon();
  daemon.status = { ...daemon.status, runtime_mode: "remote", remote_auth_mode: "oidc" };
  return daemon;
}

/** Somebody has typed a new name of the project and saves it with a session that is over. */
async function typedAndExpired() {
  const daemon = behindProvider();
  const app = openApp("/projects/p1/settings", { daemon });
  const name = await screen.findByRole<HTMLInputElement>("textbox", { name: "Name" });
  await app.user.clear(name);
  await app.user.type(name, "Shop two");
  daemon.token = "oore_session_second";
  await app.user.click(screen.getByRole("button", { name: "Save" }));
  const dialog = await screen.findByRole("dialog", { name: "Your session is no longer valid" });
  const again = await within(dialog).findByRole("button", { name: "Sign in again" });
  await waitFor(() => expect(again.getAttribute("aria-disabled")).toBeNull());
  return { ...app, daemon, name, dialog, again };
}

/** As the window does when its person is back from the provider. */
function signInElsewhere(userId: string, token = "oore_session_second"): void {
  const other = new SessionKeeper(currentRuntime().instance.id);
  other.start({ token, expiresAt: NOW + 3600, userId });
  other.close();
}

beforeEach(() => arrival.set({ answer: null, setupToken: null, recovery: null }));
afterEach(() => openedBy(null));

test("the page waits beside the window, and goes on with what was typed when somebody is signed in there", async () => {
  const { user, daemon, name, dialog, again, router } = await typedAndExpired();
  const browser = windows({ closed: false });
  await user.click(again);
  expect(browser.opened()).toEqual(["/auth/again"]);
  expect(await within(dialog).findByText("Go on in the window of the identity provider.")).toBeDefined();
  expect(await axeFindings(dialog)).toEqual([]);
  // It may be behind this one: the button brings it back and opens no second.
  await user.click(again);
  expect(browser.opened().length).toBe(1);
  browser.end();
  signInElsewhere("u1");
  expect(await screen.findByText("Project saved")).toBeDefined();
  expect([daemon.projects[0]?.name, name.value]).toEqual(["Shop two", "Shop two"]);
  expect(router.state.location.pathname).toBe("/projects/p1/settings");
  await absent(() => screen.queryByRole("dialog"));
});

test("a browser that lets no window open leaves the way by this page, and says what it costs", async () => {
  const { user, dialog, again } = await typedAndExpired();
  const browser = windows(null);
  await user.click(again);
  const alert = await within(dialog).findByRole("alert");
  expect(alert.textContent).toContain("The browser let no window open");
  expect(alert.textContent).toContain("what is typed here and not saved may be lost");
  expect(await axeFindings(dialog)).toEqual([]);
  expect(within(alert).getByRole("button", { name: "Leave this page" })).toBeDefined();
  browser.end();
});

test("a window that is closed, or used by somebody else, leaves the page waiting and the question open", async () => {
  const { user, daemon, dialog, again } = await typedAndExpired();
  const handle = { closed: false };
  const browser = windows(handle, { closed: false });
  await user.click(again);
  signInElsewhere("u2");
  handle.closed = true;
  const alert = await within(dialog).findByRole("alert");
  expect(alert.textContent).toContain("Nobody has signed in yet");
  expect(requests(daemon, "PATCH").length).toBe(1);
  await user.click(again);
  expect(browser.opened().length).toBe(2);
  await absent(() => within(dialog).queryByRole("alert"));
  browser.end();
  signInElsewhere("u1");
  expect(await screen.findByText("Project saved")).toBeDefined();
});

test("the window goes to the provider at once, comes back by the callback, and closes", async () => {
  openedBy(window);
  const daemon = behindProvider();
  const away = departures();
  const app = openApp("/auth/again", { daemon, as: "stranger" });
  await waitFor(() => expect(away.to()).toEqual(["https://id.example.com/authorize?x=1"]));
  away.end();
  // The provider's pages can't reach the page that waits.
  expect(window.opener).toBeNull();
  const close = spyOn(window, "close").mockImplementation(() => undefined);
  const answer = { code: "0012", state: "state-1", error: null, description: null };
  arrival.set({ ...arrival.get(), answer });
  await app.router.navigate({ to: "/auth/callback" });
  expect(await screen.findByRole("heading", { level: 1, name: "You are signed in" })).toBeDefined();
  expect(app.runtime.session.token()).toBe(daemon.token);
  expect(close).toHaveBeenCalledTimes(1);
  expect(app.router.state.location.href).toBe("/auth/again?done=true");
  expect(await axeFindings(app.container)).toEqual([]);
  close.mockRestore();
});

test("a provider that can't be asked is said in the window, which tries again", async () => {
  openedBy(window);
  const daemon = behindProvider();
  daemon.failOn("GET /v1/auth/oidc/start", { status: 502, code: "oidc_discovery_error" });
  const app = openApp("/auth/again", { daemon, as: "stranger" });
  expect((await screen.findByRole("alert")).textContent).toContain("Could not sign in");
  expect(await axeFindings(app.container)).toEqual([]);
  daemon.recover();
  const away = departures();
  await app.user.click(await button("Start again"));
  await waitFor(() => expect(away.to().length).toBe(1));
  away.end();
});

test("the address of the window sends nobody off who comes by a link, and says nothing of a session that is not there", async () => {
  const daemon = behindProvider();
  for (const path of ["/auth/again", "/auth/again?done=true"]) {
    const { router, unmount } = openApp(path, { daemon, as: "stranger" });
    await button("Continue to the identity provider");
    expect(router.state.location.pathname).toBe("/login");
    unmount();
  }
  expect(requests(daemon, "GET /v1/auth/oidc/start")).toEqual([]);
});

test("the window is about the instance of the page that waits, also on the way back", async () => {
  openedBy(window);
  const other = addInstance({ label: "Other", url: "https://other.example.com" });
  const away = departures();
  openApp("/auth/again?instance=https%3A%2F%2Fother.example.com", {
    daemon: behindProvider(),
    as: "stranger",
  });
  await waitFor(() => expect(away.to().length).toBe(1));
  away.end();
  const trip = JSON.parse(sessionStorage.getItem(`oore.oidc.${other.id}`) ?? "null");
  const back = new URL(trip.next, window.location.origin);
  expect([back.pathname, back.searchParams.get("instance")]).toEqual(["/auth/again", other.url]);
  removeInstance(other.id);
});
