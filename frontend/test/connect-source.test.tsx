/** Connecting GitHub or GitLab over the real route tree: the forms, what is refused, where the browser is sent. */
import { expect, test } from "bun:test";
import { screen, waitFor } from "@testing-library/react";
import { addInstance } from "@/lib/instances/registry";
import { runtimeOf } from "@/lib/instances/runtime";
import { axeFindings, openApp } from "./app.tsx";
import { NOW } from "./fake/data.ts";
import { aGitLab, FakeHosts } from "./fake/sources.ts";
import { button, departures, heading } from "./find.ts";

test("GitHub: the form says what happens, keeps what was typed, and leaves for the page that makes the app", async () => {
  const daemon = new FakeHosts();
  const away = departures();
  const { container, user, unmount } = openApp("/settings/integrations/new", { daemon });
  await heading("Connect a source");
  const hook = await screen.findByRole("textbox", { name: "Webhook address" });
  await waitFor(() =>
    expect((hook as HTMLInputElement).value).toBe("https://ci.example.com/v1/webhooks/github"),
  );
  expect(await axeFindings(container)).toEqual([]);
  await user.click(screen.getByRole("radio", { name: "GitHub Enterprise Server" }));
  await user.click(await button("Go on to GitHub"));
  expect(await screen.findByText("Fill this in.")).toBeDefined();
  await user.type(
    screen.getByRole("textbox", { name: "Address of GitHub Enterprise" }),
    "https://git.example.com",
  );
  await user.type(screen.getByRole("textbox", { name: /^Organization/ }), "acme");
  await user.click(await button("Go on to GitHub"));
  await waitFor(() =>
    expect(away.to()).toEqual(["https://ci.example.com/v1/integrations/github/create?state=x"]),
  );
  away.end();
  expect(daemon.bodies.at(-1)).toEqual({
    webhook_url: "https://ci.example.com/v1/webhooks/github",
    redirect_url: "http://localhost:8787/settings/integrations",
    host_url: "https://git.example.com",
    organization: "acme",
  });
  unmount();
  openApp("/settings/integrations/new", { daemon });
  expect(await screen.findByText("You went to GitHub and did not come back yet")).toBeDefined();
  const host = screen.getByRole("textbox", { name: "Address of GitHub Enterprise" }) as HTMLInputElement;
  expect(host.value).toBe("https://git.example.com");
});

test("GitHub: what the server refuses is shown at its field, or above the button with its way out", async () => {
  const daemon = new FakeHosts();
  const { user, container } = openApp("/settings/integrations/new", { daemon });
  const start = "POST /v1/integrations/github/start";
  const fields = [{ field: "webhook_url", message: "must be an http or https address" }];
  await screen.findByRole("textbox", { name: "Webhook address" });
  daemon.failOn(start, { status: 400, code: "invalid_input", fields });
  await user.click(await button("Go on to GitHub"));
  expect(await screen.findByText("must be an http or https address")).toBeDefined();
  expect(document.activeElement).toBe(screen.getByRole("textbox", { name: "Webhook address" }));
  expect(await axeFindings(container)).toEqual([]);
  daemon.failOn(start, {
    status: 403,
    code: "mode_restricted",
    error: "an instance in local mode has local repositories only",
    hint: "Let other machines in first, under Settings, Access.",
  });
  await user.click(await button("Go on to GitHub"));
  expect(await screen.findByText("Let other machines in first, under Settings, Access.")).toBeDefined();
});

test("an address that is no web page is not left for", async () => {
  const daemon = new FakeHosts();
  const away = departures();
  const evil = /^POST \/v1\/integrations\/github\/start$/;
  daemon.more.unshift([evil, () => ({ create_url: "javascript:alert(1)" })]);
  const { user } = openApp("/settings/integrations/new", { daemon });
  await user.click(await button("Go on to GitHub"));
  expect(await screen.findByText("not a web address: javascript:")).toBeDefined();
  expect(away.to()).toEqual([]);
  away.end();
});

test("GitLab: a token connects at once and is in no storage and no address", async () => {
  const daemon = new FakeHosts();
  const { container, user, router } = openApp("/settings/integrations/new?provider=gitlab", { daemon });
  const host = await screen.findByRole("textbox", { name: "Address of GitLab" });
  await user.clear(host);
  await user.type(host, "https://gitlab.example.com/code");
  await user.click(await button("Connect GitLab"));
  expect(await screen.findByText("Fill this in.")).toBeDefined();
  await user.type(screen.getByLabelText("Access token", { selector: "[type=password]" }), "glpat-secret-1");
  expect(await axeFindings(container)).toEqual([]);
  const stored = JSON.stringify({ ...sessionStorage, ...localStorage });
  expect(stored).toContain("gitlab.example.com/code");
  expect(stored).not.toContain("glpat-secret-1");
  await user.click(await button("Connect GitLab"));
  await waitFor(() => expect(router.state.location.href).toBe("/settings/integrations/s2?installed=true"));
  expect(daemon.bodies.at(-1)).toEqual({
    host_url: "https://gitlab.example.com/code",
    auth_mode: "personal_token",
    access_token: "glpat-secret-1",
  });
  expect(await screen.findByText("acme at GitLab is connected")).toBeDefined();
});

test("GitLab: what GitLab says of the host or token is shown, and what was typed stays", async () => {
  const daemon = new FakeHosts();
  const { user } = openApp("/settings/integrations/new?provider=gitlab", { daemon });
  await user.type(
    await screen.findByLabelText("Access token", { selector: "[type=password]" }),
    "glpat-secret-1",
  );
  for (const [code, error] of [
    ["gitlab_auth_failed", "the token may not read the API and repositories"],
    ["gitlab_unreachable", "GitLab did not answer"],
  ] as const) {
    daemon.failOn("POST /v1/integrations/gitlab/start", { status: 400, code, error });
    await user.click(await button("Connect GitLab"));
    expect(await screen.findByText(error)).toBeDefined();
  }
  expect(
    (screen.getByLabelText("Access token", { selector: "[type=password]" }) as HTMLInputElement).value,
  ).toBe("glpat-secret-1");
});

test("GitLab: an application is registered with what is shown, stored, and authorised at GitLab", async () => {
  const daemon = new FakeHosts();
  const away = departures();
  const { user, container } = openApp("/settings/integrations/new?provider=gitlab", { daemon });
  await user.click(await screen.findByRole("radio", { name: "OAuth application" }));
  expect(screen.getByText("http://localhost:8787/v1/integrations/gitlab/callback")).toBeDefined();
  expect(screen.getByText("read_api read_repository")).toBeDefined();
  await user.type(screen.getByRole("textbox", { name: "Application ID" }), "app-1");
  await user.type(screen.getByLabelText("Secret"), "gloas-secret-1");
  expect(await axeFindings(container)).toEqual([]);
  await user.click(await button("Go on to GitLab"));
  await waitFor(() => expect(away.to()).toEqual(["https://gitlab.example.com/oauth/authorize?x=1"]));
  away.end();
  expect(daemon.bodies.slice(-2)).toEqual([
    {
      host_url: "https://gitlab.com",
      auth_mode: "oauth_app",
      client_id: "app-1",
      client_secret: "gloas-secret-1",
    },
    { integration_id: "s2", report: false, redirect_url: "http://localhost:8787/settings/integrations/s2" },
  ]);
});

const THERE = "https://there.example.com";

/** The page of this instance, about another one. */
function openThere(path: string, daemon: FakeHosts) {
  const there = addInstance({ label: "There", url: THERE });
  runtimeOf(there).session.start({ token: daemon.token, expiresAt: NOW + 3600, userId: "u1" });
  const joint = path.includes("?") ? "&" : "?";
  return openApp(`${path}${joint}instance=${encodeURIComponent(THERE)}`, { daemon });
}

const ownPage = () => screen.findByRole("link", { name: /^Open it at the instance/ });

test("a code host that sends people back is connected at the instance's own page, a token from anywhere", async () => {
  const daemon = new FakeHosts();
  const { user, container } = openThere("/settings/integrations/new", daemon);
  expect((await ownPage()).getAttribute("href")).toBe(`${THERE}/settings/integrations/new`);
  expect(screen.queryByRole("button", { name: "Go on to GitHub" }) === null).toBe(true);
  expect(await axeFindings(container)).toEqual([]);
  await user.click(screen.getByRole("radio", { name: /^GitLab/ }));
  await button("Connect GitLab");
  expect(screen.queryByRole("link", { name: /^Open it at the instance/ }) === null).toBe(true);
  await user.click(screen.getByRole("radio", { name: "OAuth application" }));
  expect((await ownPage()).getAttribute("href")).toBe(`${THERE}/settings/integrations/new?provider=gitlab`);
  expect(screen.queryByRole("button", { name: "Go on to GitLab" }) === null).toBe(true);
  expect(screen.queryByText(/gitlab\/callback$/) === null).toBe(true);
});

test("an application is authorised at the instance's own page, at first and again", async () => {
  for (const status of ["inactive", "active"] as const) {
    const daemon = new FakeHosts();
    daemon.sources = [aGitLab({ auth_mode: "oauth_app", status })];
    const { unmount } = openThere("/settings/integrations/s1", daemon);
    expect((await ownPage()).getAttribute("href")).toBe(`${THERE}/settings/integrations/s1`);
    expect(screen.queryByRole("button", { name: /^Authorise/ }) === null).toBe(true);
    unmount();
  }
});
