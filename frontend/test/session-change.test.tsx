/** What becomes of open requests and of the live stream when the session goes on, ends or is another person's. */
import { expect, test } from "bun:test";
import { screen, waitFor, within } from "@testing-library/react";
import { SessionKeeper } from "@/lib/instances/session";
import { openApp } from "./app.tsx";
import { FakeDaemon } from "./fake/daemon.ts";
import { NOW } from "./fake/data.ts";
import { absent, button, heading, requests } from "./find.ts";

type App = ReturnType<typeof openApp>;

const ENDED = { name: "Your session is no longer valid" };

const deleteProject = ({ runtime }: App) =>
  runtime.api
    .delete("/v1/projects/{project_id}", { path: { project_id: "p1" } })
    .catch((cause: unknown) => cause);

/** Answers of that path come when they are let go, however early the daemon gave them. */
function holdBack(daemon: FakeDaemon, path: string): () => void {
  const held = Promise.withResolvers<void>();
  globalThis.fetch = (async (input: string, init?: RequestInit) => {
    const answer = await daemon.fetch(input, init);
    if (String(input).endsWith(path)) await held.promise;
    return answer;
  }) as typeof fetch;
  return held.resolve;
}

test("what waits for a session is given up when another tab signs out, and never sent later", async () => {
  const app = openApp("/projects");
  await screen.findByRole("link", { name: "Shop app" });
  app.daemon.failOn("DELETE /v1/projects/p1", { status: 401, code: "invalid_session" });
  const refused = deleteProject(app);
  await screen.findByRole("dialog", ENDED);
  const other = new SessionKeeper(app.runtime.instance.id);
  other.end();
  other.close();
  await waitFor(() => expect(app.router.state.location.pathname).toBe("/login"));
  app.daemon.recover();
  await app.user.click(await button("Sign in on this machine"));
  await heading("Home");
  expect(await refused).toMatchObject({ status: 401 });
  expect(requests(app.daemon, "DELETE").length).toBe(1);
});

test("a page that is left because another tab signed out asks for nothing more", async () => {
  const app = openApp("/projects");
  await screen.findByRole("link", { name: "Shop app" });
  const asked = app.daemon.seen.length;
  const other = new SessionKeeper(app.runtime.instance.id);
  other.end();
  other.close();
  await waitFor(() => expect(app.router.state.location.pathname).toBe("/login"));
  await button("Sign in on this machine");
  const later = app.daemon.seen.slice(asked);
  expect(later.filter((line) => !line.includes("/v1/public/"))).toEqual([]);
});

test("after signing in as somebody else nothing is sent again, and the page is live", async () => {
  const daemon = new FakeDaemon();
  daemon.status = { ...daemon.status, runtime_mode: "remote", remote_auth_mode: "trusted_proxy" };
  const app = openApp("/projects", { daemon });
  await waitFor(() => expect(daemon.openStreams).toBe(1));
  daemon.failOn("DELETE /v1/projects/p1", { status: 401, code: "invalid_session" });
  const refused = deleteProject(app);
  await screen.findByRole("dialog", ENDED);
  daemon.recover();
  const user = { email: "ben@example.com", oidc_subject: "ben", user_id: "u2", role: "developer" };
  const login = { session_token: daemon.token, expires_at: NOW + 60, user };
  daemon.more.push([/^POST \/v1\/auth\/trusted-proxy\/login$/, () => login]);
  await app.user.click(await button("Sign in again"));
  await heading("Home");
  await waitFor(() => expect(requests(daemon, "GET /v1/events").length).toBe(2));
  await waitFor(() => expect(daemon.openStreams).toBe(1));
  expect(await refused).toMatchObject({ status: 401 });
  expect(requests(daemon, "DELETE").length).toBe(1);
});

test("the page of the first build asks to sign in again too, and goes on", async () => {
  const app = openApp("/start");
  app.daemon.token = "oore_session_second";
  await screen.findByRole("dialog", ENDED);
  await app.user.click(await button("Sign in again"));
  expect(await button("Build")).toBeDefined();
});

test("when it can't be read how people sign in, the question says why and can be tried again", async () => {
  const app = openApp("/projects");
  await screen.findByRole("link", { name: "Shop app" });
  app.daemon.failOn("GET /v1/public/setup-status", { status: 400, code: "broken", error: "out of order" });
  app.daemon.token = "oore_session_second";
  const answer = app.runtime.api.get("/v1/projects");
  const question = within(await screen.findByRole("dialog", ENDED));
  expect((await question.findByRole("alert")).textContent).toContain("out of order");
  await app.user.click(await button("Try again"));
  expect((await question.findByRole("alert")).textContent).toContain("out of order");
  app.daemon.recover();
  await app.user.click(await button("Try again"));
  await app.user.click(await button("Sign in again"));
  expect((await answer).projects.length).toBe(1);
});

test("a refusal that comes after signing in again asks nothing: the request is sent with the new session", async () => {
  const app = openApp("/projects");
  await screen.findByRole("link", { name: "Shop app" });
  const letGo = holdBack(app.daemon, "/v1/operator-incidents");
  app.daemon.token = "oore_session_second";
  const asked = requests(app.daemon, "GET /v1/operator-incidents").length;
  const slow = app.runtime.api.get("/v1/operator-incidents");
  const fast = app.runtime.api.get("/v1/projects");
  await app.user.click(await button("Sign in again"));
  await fast;
  letGo();
  await waitFor(() => expect(requests(app.daemon, "GET /v1/operator-incidents").length).toBe(asked + 2));
  expect(await slow).toEqual({ incidents: [] });
  await absent(() => screen.queryByRole("dialog"));
});

test("a refusal that comes after somebody else signed in is final", async () => {
  const app = openApp("/projects");
  await screen.findByRole("link", { name: "Shop app" });
  const letGo = holdBack(app.daemon, "/v1/projects/p1");
  app.daemon.token = "token-of-ben";
  const late = deleteProject(app);
  app.runtime.session.start({ token: "token-of-ben", expiresAt: NOW + 60, userId: "u2" });
  letGo();
  expect(await late).toMatchObject({ status: 401 });
  expect(requests(app.daemon, "DELETE").length).toBe(1);
});
