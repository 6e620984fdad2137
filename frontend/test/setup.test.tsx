/** The set-up page: unlocking, locking again, the owner by way of a provider. The whole way is walked in the browser. */
import { beforeEach, expect, test } from "bun:test";
import { screen, waitFor, within } from "@testing-library/react";
import { setupSessionOf } from "@/features/setup/setup-session";
import { arrival } from "@/lib/arrival";
import { currentRuntime } from "@/lib/instances/current";
import { axeFindings, openApp } from "./app";
import { FakeDaemon } from "./fake/daemon";
import { departures } from "./find";

const current = async (title: string) => {
  const heading = await screen.findByRole("heading", { level: 2, name: new RegExp(`^${title}`) });
  await waitFor(() => expect(heading.closest("li")?.getAttribute("aria-current")).toBe("step"));
  return heading;
};

function freshDaemon(): FakeDaemon {
  const daemon = new FakeDaemon();
  daemon.status = { ...daemon.status, state: "bootstrap_pending", setup_mode: true, is_configured: false };
  return daemon;
}

const open = (daemon: FakeDaemon) => openApp("/start", { daemon, as: "stranger" });

beforeEach(() => {
  arrival.set({ answer: null, setupToken: null, recovery: null });
  setupSessionOf(currentRuntime()).forget();
});

test("the token of the address unlocks, once, and the focus goes on with the set-up", async () => {
  const daemon = freshDaemon();
  arrival.set({ ...arrival.get(), setupToken: "oore_bootstrap_1" });
  const app = open(daemon);
  const heading = await current("How people sign in");
  await waitFor(() => expect(document.activeElement).toBe(heading));
  expect(daemon.bodies).toEqual([{ token: "oore_bootstrap_1" }]);
  expect(sessionStorage.getItem(`oore.setup.${app.runtime.instance.id}`)).toBe("oore_setup_test");
  expect(screen.getByText("Step 2 of 5: How people sign in").getAttribute("role")).toBe("status");
  expect(await axeFindings(app.container)).toEqual([]);
});

test("a set-up that was locked meanwhile says so, and a new token opens it again", async () => {
  const daemon = freshDaemon();
  arrival.set({ ...arrival.get(), setupToken: "oore_bootstrap_1" });
  const app = open(daemon);
  await current("How people sign in");
  daemon.failOn("POST /v1/setup/preferences", { status: 401, code: "session_expired" });
  await app.user.click(screen.getByRole("radio", { name: "Access proxy" }));
  await app.user.click(screen.getByRole("button", { name: "Continue" }));
  await current("Unlock");
  const words = "Nothing was done for half an hour";
  await waitFor(() => expect(screen.getByRole("alert").textContent).toContain(words));
  daemon.recover();
  await app.user.type(screen.getByLabelText("Set-up token"), "oore_bootstrap_2");
  await app.user.click(screen.getByRole("button", { name: "Unlock" }));
  await current("How people sign in");
  expect(screen.getByRole<HTMLInputElement>("radio", { name: "Access proxy" }).checked).toBe(true);
});

test("with others than this machine's user comes the public address", async () => {
  const daemon = freshDaemon();
  arrival.set({ ...arrival.get(), setupToken: "oore_bootstrap_1" });
  const app = open(daemon);
  await current("How people sign in");
  expect(screen.queryByLabelText(/^Public address/)).toBeNull();
  await app.user.click(screen.getByRole("radio", { name: "Identity provider" }));
  const address = screen.getByLabelText<HTMLInputElement>(/^Public address/);
  // A page on the machine itself suggests nothing: others could not reach that.
  expect(address.value).toBe("");
  await app.user.type(address, " https://ci.example.com ");
  daemon.failOn("POST /v1/setup/preferences", { status: 400, code: "external_access_https_required" });
  await app.user.click(screen.getByRole("button", { name: "Continue" }));
  const words = "The public address must begin with https://.";
  await waitFor(() => expect(screen.getByRole("alert").textContent).toContain(words));
  expect(address.value).toContain("https://ci.example.com");
});

test("a set-up that is over leads to the sign-in, which says so", async () => {
  const daemon = freshDaemon();
  daemon.status = { ...daemon.status, runtime_mode: "remote" };
  arrival.set({ ...arrival.get(), setupToken: "oore_bootstrap_1" });
  const app = open(daemon);
  await current("Identity provider");
  daemon.status = { ...daemon.status, state: "ready", is_configured: true };
  daemon.failOn("POST /v1/setup/oidc/configure", { status: 409, code: "already_configured" });
  await app.user.click(screen.getByRole("button", { name: "Check and save" }));
  await waitFor(() => expect(app.router.state.location.pathname).toBe("/login"));
  expect(await screen.findByText("This instance is set up")).toBeDefined();
});

test("an instance that does not answer is told with a way on", async () => {
  const daemon = freshDaemon();
  daemon.failOn("*", { status: 500, code: "store_error" });
  const app = open(daemon);
  const alert = await screen.findByRole("alert");
  expect(within(alert).getByText("req-test-1")).toBeDefined();
  expect(screen.getAllByRole("heading", { level: 1 }).length).toBe(1);
  daemon.recover();
  await app.user.click(screen.getByRole("button", { name: "Try again" }));
  await current("Unlock");
});

test("the owner proves who they are with the provider and comes back to the set-up", async () => {
  const daemon = freshDaemon();
  daemon.status = { ...daemon.status, runtime_mode: "remote", state: "idp_configured" };
  daemon.setup = {
    instance_id: "i1",
    state: "idp_configured",
    runtime_mode: "remote",
    remote_auth_mode: "oidc",
    trusted_proxy_configured: false,
    issuer_url: "https://id.example.com",
    has_client_secret: true,
    public_url: "https://ci.example.com",
    warnings: [],
  };
  setupSessionOf(currentRuntime()).open("oore_setup_test");
  const away = departures();
  const app = open(daemon);
  await current("Owner");
  await app.user.click(screen.getByRole("button", { name: "Sign in as the owner" }));
  await waitFor(() => expect(away.to()).toEqual(["https://id.example.com/authorize?x=1"]));
  away.end();
  daemon.setup = { ...daemon.setup, state: "owner_created", owner_email: "ana@example.com" };
  arrival.set({ ...arrival.get(), answer: { code: "c", state: "state-1", error: null, description: null } });
  await app.router.navigate({ to: "/auth/callback" });
  await current("Finish");
  expect(screen.getByText("https://ci.example.com")).toBeDefined();
  expect(screen.queryByText("No public address is set")).toBeNull();
  expect(daemon.bodies.at(-1)).toMatchObject({ code: "c", state: "state-1" });
  expect(screen.getAllByText("ana@example.com").length).toBeGreaterThan(0);
});
