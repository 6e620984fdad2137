/** The list of sources and the page of one, over the real route tree: states, repair, credentials, webhooks. */
import { expect, test } from "bun:test";
import { screen, waitFor, within } from "@testing-library/react";
import { axeFindings, openApp } from "./app.tsx";
import { aGitLab, aRepository, aSource, FakeHosts } from "./fake/sources.ts";
import { absent, button, departures, heading, requests } from "./find.ts";

test("sources are listed with kind, host and state, and found by text and kind in the address", async () => {
  const daemon = new FakeHosts();
  daemon.sources = [
    aSource(),
    aGitLab({ id: "s2", status: "error", status_reason: "GitLab refuses the token" }),
  ];
  const { container, user, router } = openApp("/settings/integrations", { daemon });
  await heading("Sources");
  const list = within(await screen.findByRole("list", { name: "Sources" }));
  expect(list.getByText("gitlab.example.com/code")).toBeDefined();
  expect(list.getByText("Needs repair")).toBeDefined();
  expect(list.getByText("GitLab refuses the token")).toBeDefined();
  expect(await axeFindings(container)).toEqual([]);
  await user.selectOptions(screen.getByRole("combobox", { name: "Kind" }), "GitHub");
  await absent(() => screen.queryByRole("link", { name: "acme at GitLab" }));
  expect(router.state.location.search).toEqual({ provider: "github" });
  await user.type(screen.getByRole("searchbox", { name: "Search sources" }), "nowhere");
  expect(await screen.findByText("Nothing matches")).toBeDefined();
  await user.click(screen.getByRole("button", { name: /^Kind: GitHub/ }));
  await waitFor(() => expect(router.state.location.search).toEqual({ q: "nowhere" }));
  expect(await axeFindings(container)).toEqual([]);
});

test("without a source the list teaches how to connect one, or whom to ask", async () => {
  const daemon = new FakeHosts();
  daemon.sources = [];
  const { unmount } = openApp("/settings/integrations", { daemon });
  expect(await screen.findByText("No code host is connected yet")).toBeDefined();
  expect((await screen.findAllByRole("link", { name: "Connect a source" })).length).toBe(2);
  unmount();
  daemon.capabilities = ["integrations.read"];
  openApp("/settings/integrations", { daemon });
  expect(await screen.findByText(/An owner or admin/)).toBeDefined();
  expect(screen.queryByRole("link", { name: "Connect a source" }) === null).toBe(true);
});

test("on an instance for its own machine only, the way to external access is shown instead", async () => {
  const daemon = new FakeHosts();
  daemon.runtimeMode = "local";
  daemon.sources = [];
  daemon.capabilities = [...daemon.capabilities, "instance_settings.read"];
  const { unmount } = openApp("/settings/integrations", { daemon });
  expect(await screen.findByRole("link", { name: "Open access settings" })).toBeDefined();
  expect(screen.queryByRole("link", { name: "Connect a source" }) === null).toBe(true);
  unmount();
  openApp("/settings/integrations/new", { daemon });
  expect(await screen.findByText("Code hosts need external access")).toBeDefined();
});

test("a source shows its accounts and repositories, with pictures that only the daemon was asked for", async () => {
  const daemon = new FakeHosts();
  const { container, user, router } = openApp("/settings/integrations/s1", { daemon });
  await heading("Oore CI 4f2a");
  const accounts = within(await screen.findByRole("list", { name: "Accounts" }));
  expect(accounts.getByText("Organization")).toBeDefined();
  const list = within(await screen.findByRole("list", { name: "Repositories" }));
  expect(list.getByText("acme/courier")).toBeDefined();
  await waitFor(() => expect(container.querySelector("img")?.src).toStartWith("blob:"));
  expect(requests(daemon, "GET /v1/integration-repositories/r1/avatar").length).toBe(1);
  expect(requests(daemon, "GET /v1/integration-repositories/r2/avatar")).toEqual([]);
  const change = screen.getByRole("link", { name: /^Change access at GitHub/ });
  expect(change.getAttribute("href")).toBe("https://github.com/apps/oore-ci-4f2a/installations/new");
  expect(change.getAttribute("rel")).toBe("noreferrer");
  expect(await axeFindings(container)).toEqual([]);
  await user.type(screen.getByRole("searchbox", { name: "Search repositories" }), "cour");
  await absent(() => screen.queryByText("acme/shop"));
  expect(router.state.location.search).toEqual({ q: "cour" });
  await user.click(screen.getByRole("link", { name: "New project from acme/courier" }));
  await waitFor(() => expect(router.state.location.pathname).toBe("/projects/new"));
});

test("reading the repositories anew says how many accounts were read, or why it failed", async () => {
  const daemon = new FakeHosts();
  const { user } = openApp("/settings/integrations/s1", { daemon });
  await user.click(await button("Read repositories"));
  expect(await screen.findByText("Read the repositories of one account")).toBeDefined();
  daemon.failOn("POST /v1/integrations/s1/installations", {
    status: 502,
    code: "github_api_error",
    error: "GitHub answered 500",
    hint: "Try again later.",
  });
  await user.click(await button("Read repositories"));
  const alert = within(await screen.findByRole("alert"));
  expect(alert.getByText("GitHub answered 500")).toBeDefined();
  expect(alert.getByText("req-test-1")).toBeDefined();
});

test("a source that broke says why, what it holds up, and how it is repaired", async () => {
  const daemon = new FakeHosts();
  daemon.sources = [aSource({ status: "error", status_reason: "GitHub does not know the app any more" })];
  const { container } = openApp("/settings/integrations/s1", { daemon });
  expect(await screen.findByText("GitHub does not know the app any more")).toBeDefined();
  expect(screen.getByText(/can't start until it is repaired/)).toBeDefined();
  expect(await screen.findByRole("link", { name: "Connect it again" })).toBeDefined();
  expect(await axeFindings(container)).toEqual([]);
});

test("an app that was made but not installed leads to its installation; a new source is greeted once", async () => {
  const daemon = new FakeHosts();
  daemon.accounts = [];
  const { unmount } = openApp("/settings/integrations/s1", { daemon });
  const install = await screen.findByRole("link", { name: /^Install it at GitHub/ });
  expect(install.getAttribute("href")).toBe("https://github.com/apps/oore-ci-4f2a/installations/new");
  unmount();
  const installed = new FakeHosts();
  const { user, router } = openApp("/settings/integrations/s1?installed=true", { daemon: installed });
  expect(await screen.findByText("Oore CI 4f2a is connected")).toBeDefined();
  expect(screen.getByText("2 repositories can be built.")).toBeDefined();
  await user.click(within(screen.getByRole("main")).getByRole("button", { name: "Dismiss" }));
  await waitFor(() => expect(router.state.location.search).toEqual({}));
  expect(screen.queryByText("Oore CI 4f2a is connected") === null).toBe(true);
});

test("disconnecting says what goes with it; while builds run nothing happens and the reason is shown", async () => {
  const daemon = new FakeHosts();
  const { user, router } = openApp("/settings/integrations/s1", { daemon });
  await user.click(await button("Disconnect"));
  const dialog = within(await screen.findByRole("dialog", { name: "Disconnect Oore CI 4f2a?" }));
  expect(dialog.getByText("Its 2 repositories are forgotten")).toBeDefined();
  expect(dialog.getByText(/The app stays at GitHub/)).toBeDefined();
  daemon.failOn("DELETE /v1/integrations/s1", {
    status: 409,
    code: "integration_has_active_builds",
    error: "builds of this integration are running; wait for them or cancel them",
  });
  await user.click(dialog.getByRole("button", { name: "Disconnect" }));
  expect(await dialog.findByText(/wait for them or cancel them. Nothing was changed/)).toBeDefined();
  daemon.recover();
  await user.click(dialog.getByRole("button", { name: "Disconnect" }));
  await waitFor(() => expect(router.state.location.pathname).toBe("/settings/integrations"));
  expect(await screen.findByText("No code host is connected yet")).toBeDefined();
});

test("controls follow the capabilities", async () => {
  const daemon = new FakeHosts();
  daemon.sources = [aGitLab()];
  daemon.capabilities = ["integrations.read"];
  // The bell must not be missing only because its code is not there yet.
  await import("@/components/incidents/bell");
  openApp("/settings/integrations/s1", { daemon });
  await screen.findByText("acme/shop");
  await button("Check now");
  for (const name of [/^Read rep/, /^Disconnect/, /^Replace/, /^Webhook/, /incident/i]) {
    expect(screen.queryByRole("button", { name }) === null).toBe(true);
  }
  expect(screen.queryByRole("link", { name: /^New project/ }) === null).toBe(true);
  expect(requests(daemon, "GET /v1/operator-incidents")).toEqual([]);
});

test("a repository's name decides its first letter; without a picture nobody is asked for one", async () => {
  const daemon = new FakeHosts();
  daemon.repositories = [aRepository({ full_name: "acme/zebra" })];
  openApp("/settings/integrations/s1", { daemon });
  expect((await screen.findByText("z")).getAttribute("aria-hidden")).toBe("true");
  expect(requests(daemon, "GET /v1/integration-repositories")).toEqual([]);
});

test("GitLab: an application whose authorisation could not begin is authorised from its page", async () => {
  const daemon = new FakeHosts();
  daemon.sources = [aGitLab({ auth_mode: "oauth_app", status: "inactive" })];
  const away = departures();
  const { user, container } = openApp("/settings/integrations/s1", { daemon });
  expect(await screen.findByText("The application is not authorised yet")).toBeDefined();
  expect(screen.queryByRole("button", { name: "Read repositories" }) === null).toBe(true);
  expect(await axeFindings(container)).toEqual([]);
  await user.click(await button("Authorise at GitLab"));
  await waitFor(() => expect(away.to().length).toBe(1));
  away.end();
});

test("GitLab: a token is checked on request and replaced without being kept", async () => {
  const daemon = new FakeHosts();
  daemon.sources = [aGitLab()];
  daemon.check = { status: "rejected", checked_at: 1 };
  const { user } = openApp("/settings/integrations/s1", { daemon });
  await user.click(await button("Check now"));
  expect(await screen.findByText("Refused by GitLab")).toBeDefined();
  await user.click(await button("Replace token"));
  const dialog = within(await screen.findByRole("dialog", { name: "Replace the access token" }));
  await user.click(dialog.getByRole("button", { name: "Replace token" }));
  expect(await dialog.findByText("Fill this in.")).toBeDefined();
  const put = "PUT /v1/integrations/s1/gitlab-token";
  daemon.failOn(put, {
    status: 409,
    code: "gitlab_account_mismatch",
    error: "the token is of another account",
  });
  await user.type(dialog.getByLabelText("Access token", { selector: "[type=password]" }), "glpat-new");
  await user.click(dialog.getByRole("button", { name: "Replace token" }));
  expect(await dialog.findByText("the token is of another account")).toBeDefined();
  daemon.recover();
  await user.click(dialog.getByRole("button", { name: "Replace token" }));
  expect(await screen.findByText("The token is replaced and works.")).toBeDefined();
  await absent(() => screen.queryByRole("dialog"));
  expect(screen.queryByText("Refused by GitLab") === null).toBe(true);
  expect(daemon.bodies.at(-1)).toEqual({ access_token: "glpat-new" });
});

test("GitLab: the secret of a webhook is made on request and shown once, with address and triggers", async () => {
  const daemon = new FakeHosts();
  daemon.sources = [aGitLab()];
  const { user, container } = openApp("/settings/integrations/s1", { daemon });
  await user.click(await button("Webhook of acme/shop"));
  const dialog = () => within(screen.getByRole("dialog", { name: "Webhook of acme/shop" }));
  await screen.findByRole("dialog");
  expect(dialog().getByText(/its secret ends at once/)).toBeDefined();
  await user.click(dialog().getByRole("button", { name: "Make a new secret" }));
  expect(await screen.findByText("oore_0123456789abcdef")).toBeDefined();
  expect(await dialog().findByText("https://ci.example.com/v1/webhooks/gitlab")).toBeDefined();
  expect(dialog().getByText("Merge request events")).toBeDefined();
  const page = dialog().getByRole("link", { name: /^Open the page at GitLab/ });
  expect(page.getAttribute("href")).toBe("https://gitlab.example.com/code/acme/shop/-/hooks");
  await user.keyboard("{Escape}");
  expect(screen.getByText("oore_0123456789abcdef")).toBeDefined();
  expect(await axeFindings(container)).toEqual([]);
  await user.click(dialog().getByRole("button", { name: "I have put it in" }));
  await absent(() => screen.queryByText("oore_0123456789abcdef"));
});
