/** Signing out by the menu: what the server ends, what it does not hear of, and what it refuses. Over the real route tree. */
import { expect, spyOn, test } from "bun:test";
import { screen, waitFor, within } from "@testing-library/react";
import { openApp } from "./app.tsx";
import { FakeDaemon } from "./fake/daemon.ts";
import { button, heading, requests } from "./find.ts";

const LOGOUT = "POST /v1/auth/logout";

async function signOutOf(daemon: FakeDaemon) {
  const app = openApp("/projects", { daemon });
  await screen.findByRole("link", { name: "Shop app" });
  const key = `oore.session.${app.runtime.instance.id}`;
  expect(sessionStorage.getItem(key)).toContain(daemon.token);
  await app.user.click(await button("Account and appearance"));
  await app.user.click(await screen.findByRole("menuitem", { name: "Sign out" }));
  return { ...app, stored: () => sessionStorage.getItem(key) };
}

test("who signs out is told so, and the token is gone from this browser", async () => {
  const daemon = new FakeDaemon();
  const { stored, router } = await signOutOf(daemon);
  expect(await screen.findByText("You are signed out.")).toBeDefined();
  expect(stored()).toBeNull();
  expect(requests(daemon, LOGOUT).length).toBe(1);
  expect(router.state.location.pathname).toBe("/login");
});

for (const [name, failure] of [
  ["does not answer", { status: 0, code: "" }],
  ["fails", { status: 500, code: "store_error" }],
] as const) {
  test(`where the server ${name} the session ends in this browser, and it is said that it ends only there`, async () => {
    const daemon = new FakeDaemon();
    daemon.failOn(LOGOUT, failure);
    const { stored, router } = await signOutOf(daemon);
    expect(await screen.findByText("You are signed out in this browser")).toBeDefined();
    expect(stored()).toBeNull();
    expect(router.state.location.pathname).toBe("/login");
    expect(requests(daemon, "POST /v1/auth/local/login")).toEqual([]);
  });
}

test("nobody waits for a server that never answers", async () => {
  const daemon = new FakeDaemon();
  const limit = new AbortController();
  const timeout = spyOn(AbortSignal, "timeout").mockReturnValue(limit.signal);
  daemon.more.unshift([
    /^POST \/v1\/auth\/logout$/,
    ({ signal }) => new Promise((_, refuse) => signal.addEventListener("abort", () => refuse(signal.reason))),
  ]);
  const { stored } = await signOutOf(daemon);
  await waitFor(() => expect(requests(daemon, LOGOUT).length).toBe(1));
  expect(stored()).toContain(daemon.token);
  limit.abort();
  expect(await screen.findByText("You are signed out in this browser")).toBeDefined();
  expect(stored()).toBeNull();
  timeout.mockRestore();
});

test("a session that the server knows no more is over everywhere", async () => {
  const daemon = new FakeDaemon();
  daemon.failOn(LOGOUT, { status: 401, code: "invalid_session" });
  const { stored } = await signOutOf(daemon);
  expect(await screen.findByText("You are signed out.")).toBeDefined();
  expect(stored()).toBeNull();
});

test("what the server refuses to end stays: the person is where they were, and is told why", async () => {
  const daemon = new FakeDaemon();
  daemon.failOn(LOGOUT, { status: 403, code: "origin_not_allowed", error: "not from this address" });
  const { stored, router, user } = await signOutOf(daemon);
  const told = within(screen.getByRole("region", { name: "Notifications" }));
  expect(await told.findByText("You are still signed in: not from this address")).toBeDefined();
  await heading("Projects");
  expect(router.state.location.pathname).toBe("/projects");
  expect(stored()).toContain(daemon.token);
  await user.click(told.getByRole("button", { name: "Dismiss" }));
});
