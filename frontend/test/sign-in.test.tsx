/** Signing in by each method, the way there and back, and what an address may bring along. */
import { beforeEach, expect, spyOn, test } from "bun:test";
import { screen, waitFor } from "@testing-library/react";
import type { SetupStatus } from "@/api/types";
import { arrival, take, unloadAddress } from "@/lib/arrival";
import { currentRuntime } from "@/lib/instances/current";
import { SessionKeeper } from "@/lib/instances/session";
import { axeFindings, openApp } from "./app";
import { FakeDaemon } from "./fake/daemon";
import { button, departures, requests } from "./find";

const OIDC: Partial<SetupStatus> = { runtime_mode: "remote", remote_auth_mode: "oidc" };
const PROXY: Partial<SetupStatus> = { runtime_mode: "remote", remote_auth_mode: "trusted_proxy" };

function daemonIn(status: Partial<SetupStatus>): FakeDaemon {
  const daemon = new FakeDaemon();
  daemon.status = { ...daemon.status, ...status };
  return daemon;
}

const pathOf = ({ router }: ReturnType<typeof openApp>) => router.state.location.pathname;

beforeEach(() => arrival.set({ answer: null, setupToken: null, recovery: null }));

test("several accounts: asks who you are, and names whom to invite", async () => {
  const daemon = daemonIn({});
  daemon.failOn("POST /v1/auth/local/login", { status: 400, code: "email_required" });
  const app = openApp("/login", { daemon, as: "stranger" });
  const field = await screen.findByLabelText("E-mail");
  expect(screen.queryByRole("alert")).toBeNull();
  expect(document.activeElement).toBe(field);
  daemon.failOn("POST /v1/auth/local/login", { status: 403, code: "user_not_found" });
  await app.user.type(field, "ana@example.com");
  await app.user.click(await button("Sign in on this machine"));
  expect((await screen.findByRole("alert")).textContent).toContain("Ask an owner to invite ana@example.com.");
  expect(screen.getByLabelText("E-mail")).toBeDefined();
  expect(await axeFindings(app.container)).toEqual([]);
});

test("the proxy signs in and leads back to where the person wanted", async () => {
  const daemon = daemonIn(PROXY);
  const app = openApp("/builds?status=failed", { daemon, as: "stranger" });
  await app.user.click(await button("Sign in through the proxy"));
  await waitFor(() => expect(pathOf(app)).toBe("/builds"));
  expect(app.router.state.location.href).toBe("/builds?status=failed");
});

test("an address may not send the person elsewhere after signing in", async () => {
  for (const next of ["https://evil.example/x", "//evil.example/x", "/%5Cevil.example/x", "/login"]) {
    const app = openApp(`/login?next=${next}`, { daemon: daemonIn(PROXY), as: "stranger" });
    await app.user.click(await button("Sign in through the proxy"));
    await waitFor(() => expect(app.router.state.location.href).toBe("/"));
    app.unmount();
  }
});

test("an instance that is not set up leads to the set-up", async () => {
  const app = openApp("/login", {
    daemon: daemonIn({ ...OIDC, state: "bootstrap_pending", is_configured: false }),
    as: "stranger",
  });
  await waitFor(() => expect(pathOf(app)).toBe("/start"));
  expect((await screen.findAllByRole("heading", { level: 1 })).length).toBe(1);
});

test("an expired session is told from one that was ended", async () => {
  const session = new SessionKeeper("apart");
  session.start({ token: "old", expiresAt: 1, userId: "u1" });
  expect(session.hasExpired()).toBe(true);
  expect(new SessionKeeper("apart").token()).toBeNull();
  session.start({ token: "new", expiresAt: Date.now() / 1000 + 60, userId: "u1" });
  expect(session.hasExpired()).toBe(false);
  session.close();
  const app = openApp("/login", { daemon: daemonIn(OIDC), as: "stranger" });
  await app.router.navigate({ to: "/login", state: { notice: "expired" } });
  expect(await screen.findByText("Your session has expired")).toBeDefined();
  await app.router.navigate({ to: "/login", state: { notice: "ended" } });
  expect(await screen.findByText("Your session is no longer valid")).toBeDefined();
});

test("where the provider signs in and no window opens, the dialog leads to the sign-in page and says why", async () => {
  const daemon = daemonIn(OIDC);
  daemon.failOn("GET /v1/projects", { status: 401, code: "invalid_session", details: { reason: "expired" } });
  const app = openApp("/projects?search=shop", { daemon });
  await screen.findByRole("dialog", { name: "Your session has expired" });
  const open = spyOn(window, "open").mockReturnValue(null);
  await app.user.click(await button("Sign in again"));
  await app.user.click(await button("Leave this page"));
  open.mockRestore();
  await waitFor(() => expect(pathOf(app)).toBe("/login"));
  expect(app.router.state.location.search).toMatchObject({ next: "/projects?search=shop" });
  expect(await screen.findByText("Your session has expired")).toBeDefined();
  expect(app.runtime.session.token()).toBeNull();
});

test("at the machine the way in asks who one is where several people have accounts", async () => {
  const daemon = daemonIn(OIDC);
  daemon.failOn("POST /v1/auth/local/login", { status: 400, code: "email_required" });
  const app = openApp("/login", { daemon, as: "stranger" });
  await app.user.click(await button("Sign in on this machine"));
  const field = await screen.findByLabelText("E-mail");
  daemon.recover();
  await app.user.type(field, "owner@local");
  await app.user.click(await button("Sign in on this machine"));
  await waitFor(() => expect(pathOf(app)).toBe("/"));
  expect(daemon.bodies.at(-1)).toMatchObject({ email: "owner@local" });
});

test("the trip to the provider and back: bound to this tab, used once, back to the page", async () => {
  const daemon = daemonIn(OIDC);
  const away = departures();
  const app = openApp("/login?next=/projects", { daemon, as: "stranger" });
  await app.user.click(await button("Continue to the identity provider"));
  await waitFor(() => expect(away.to()).toEqual(["https://id.example.com/authorize?x=1"]));
  away.end();
  const begun = new URL(`http://x${daemon.seen.find((line) => line.includes("oidc/start"))?.split(" ")[1]}`);
  expect(begun.searchParams.get("redirect_uri")).toBe("http://localhost:8787/auth/callback");
  const binding = begun.searchParams.get("binding") ?? "";

  arrival.set({ ...arrival.get(), answer: answer({ code: "0012", state: "state-1" }) });
  await app.router.navigate({ to: "/auth/callback" });
  await waitFor(() => expect(pathOf(app)).toBe("/projects"));
  const body = daemon.bodies.at(-1) as { code: string; state: string; binding: string };
  expect(body).toMatchObject({ code: "0012", state: "state-1" });
  expect(await hashed(body.binding)).toBe(binding);
  expect(Object.keys(sessionStorage).filter((key) => key.startsWith("oore.oidc."))).toEqual([]);
});

test("an answer that this tab did not ask for is not sent to the instance", async () => {
  const daemon = daemonIn(OIDC);
  arrival.set({ ...arrival.get(), answer: answer({ code: "stolen", state: "state-1" }) });
  openApp("/auth/callback", { daemon, as: "stranger" });
  expect((await screen.findByRole("alert")).textContent).toContain("begun in another browser");
  expect(await button("Start again")).toBeDefined();
  expect(daemon.seen.filter((line) => line.includes("callback"))).toEqual([]);
});

test("a refusal by the instance or by the provider is explained, with a way on", async () => {
  const daemon = daemonIn(OIDC);
  const { id } = currentRuntime().instance;
  for (const code of ["user_not_found", "auth_expired", "missing_email", "token_exchange_error"]) {
    sessionStorage.setItem(
      `oore.oidc.${id}`,
      JSON.stringify({ purpose: "sign_in", state: "s", verifier: null, next: "/" }),
    );
    daemon.failOn("POST /v1/auth/oidc/callback", {
      status: 502,
      code,
      details: { email: "ana@example.com" },
    });
    arrival.set({ ...arrival.get(), answer: answer({ code: "c", state: "s" }) });
    const app = openApp("/auth/callback", { daemon, as: "stranger" });
    const alert = await screen.findByRole("alert");
    expect(alert.textContent).toContain("req-test-1");
    if (code === "user_not_found") expect(alert.textContent).toContain("invite ana@example.com");
    expect(await button("Start again")).toBeDefined();
    expect(await axeFindings(app.container)).toEqual([]);
    app.unmount();
  }
  arrival.set({ ...arrival.get(), answer: answer({ error: "access_denied", description: "<b>no</b>" }) });
  openApp("/auth/callback", { daemon, as: "stranger" });
  expect((await screen.findByRole("alert")).textContent).toContain("access_denied: <b>no</b>");
});

test("an address gives up what it brought before anybody else reads it", () => {
  const cases = [
    ["/login?next=/builds#recovery=oore_recovery_1", "/login?next=/builds", { recovery: "oore_recovery_1" }],
    ["/start#token=oore_bootstrap_1", "/start", { setupToken: "oore_bootstrap_1" }],
    [
      "/auth/callback?code=1e5&state=007",
      "/auth/callback",
      { answer: answer({ code: "1e5", state: "007" }) },
    ],
    ["/builds/b1?view=log#L10", "/builds/b1?view=log#L10", {}],
    ["/builds#token=not-ours", "/builds#token=not-ours", {}],
  ] as const;
  for (const [address, left, brought] of cases) {
    arrival.set({ answer: null, setupToken: null, recovery: null });
    window.history.replaceState(null, "", address);
    unloadAddress();
    const { pathname, search, hash } = window.location;
    expect(pathname + search + hash).toBe(left);
    expect(arrival.get()).toMatchObject(brought);
  }
  window.history.replaceState(null, "", "/");
  arrival.set({ answer: null, setupToken: null, recovery: "once" });
  expect([take("recovery"), take("recovery")]).toEqual(["once", null]);
});

test("a recovery link is used at once; a refused one leaves the usual way", async () => {
  const daemon = daemonIn(OIDC);
  daemon.failOn("POST /v1/auth/local/login", { status: 403, code: "local_recovery_capability_invalid" });
  arrival.set({ answer: null, setupToken: null, recovery: "oore_recovery_1" });
  openApp("/login", { daemon, as: "stranger" });
  expect((await screen.findByRole("alert")).textContent).toContain("The recovery link was refused");
  expect(requests(daemon, "POST")).toEqual(["POST /v1/auth/local/login"]);
  expect(await button("Continue to the identity provider")).toBeDefined();
});

function answer(given: { code?: string; state?: string; error?: string; description?: string }) {
  const { code = null, state = null, error = null, description = null } = given;
  return { code, state, error, description };
}

async function hashed(secret: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(secret));
  return Buffer.from(digest).toString("base64url");
}
