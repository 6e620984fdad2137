/** Sources, connecting them, their incidents, and projects from a repository, over the real route tree. */
import { expect, spyOn, test } from "bun:test";
import { screen, waitFor, within } from "@testing-library/react";
import type { WebhookDelivery } from "@/api/types";
import { axeFindings, openApp } from "./app.tsx";
import { NOW } from "./fake/data.ts";
import { aGitLab, anIncident, aRepository, aSource, FakeHosts } from "./fake/sources.ts";

const heading = (name: string) => screen.findByRole("heading", { level: 1, name });
const requests = (daemon: FakeHosts, start: string) => daemon.seen.filter((line) => line.startsWith(start));
const button = (name: string | RegExp) => screen.findByRole("button", { name });

/** Not by toBeNull: printing an element of a page takes longer than a test may. */
const absent = (find: () => HTMLElement | null) => waitFor(() => expect(find() === null).toBe(true));

/** Where the browser was sent; it stays on the page. */
function departures() {
  const assign = spyOn(window.location, "assign").mockImplementation(() => undefined);
  return { to: () => assign.mock.calls.map(([address]) => String(address)), end: () => assign.mockRestore() };
}

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

test("a source leads to its deliveries, and they lead back", async () => {
  const daemon = new FakeHosts();
  const delivery: WebhookDelivery = {
    id: "d1",
    integration_id: "s1",
    integration_name: "Oore CI 4f2a",
    event: "push",
    external_id: "x1",
    status: "done",
    attempts: 1,
    body_bytes: 10,
    received_at: NOW,
    can_replay: false,
    verdicts: [],
  };
  daemon.more.push([/^GET \/v1\/webhook-deliveries$/, () => ({ deliveries: [delivery] })]);
  daemon.more.push([/^GET \/v1\/webhook-deliveries\/d1$/, () => ({ delivery })]);
  const { container, user, router } = openApp("/settings/integrations/s1", { daemon });
  await user.click(await screen.findByRole("link", { name: "All deliveries" }));
  expect(await screen.findByText("Source: Oore CI 4f2a")).toBeDefined();
  expect(requests(daemon, "GET /v1/webhook-deliveries?integration_id=s1").length).toBe(1);
  expect(await axeFindings(container)).toEqual([]);
  await user.click(screen.getByRole("link", { name: "GitHub: push" }));
  await user.click(await screen.findByRole("link", { name: "Oore CI 4f2a" }));
  await waitFor(() => expect(router.state.location.pathname).toBe("/settings/integrations/s1"));
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
  openApp("/settings/integrations/s1", { daemon });
  await screen.findByText("acme/shop");
  await button("Check now");
  for (const name of [/^Read rep/, /^Disconnect/, /^Replace/, /^Webhook/, /incident/i]) {
    expect(screen.queryByRole("button", { name }) === null).toBe(true);
  }
  expect(screen.queryByRole("link", { name: /^New project/ }) === null).toBe(true);
  expect(requests(daemon, "GET /v1/operator-incidents")).toEqual([]);
});

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
    { integration_id: "s2", redirect_url: "http://localhost:8787/settings/integrations/s2" },
  ]);
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

test("the header counts unread incidents, follows the stream, and marks them as read", async () => {
  const daemon = new FakeHosts();
  const { user, router, container } = openApp("/projects", { daemon });
  await button("Incidents: nothing new");
  await waitFor(() => expect(daemon.openStreams).toBe(1));
  daemon.incidents = [anIncident(), anIncident({ id: "n2", severity: "critical", reason: "rejected" })];
  daemon.emit("sources", {});
  const bell = await button("2 unread incidents, one is critical");
  await user.click(bell);
  const list = within(await screen.findByRole("dialog", { name: "Incidents" }));
  expect(list.getByText("The code host refuses its credential. Builds can't start.")).toBeDefined();
  expect(await axeFindings(container)).toEqual([]);
  await user.click(list.getAllByRole("button", { name: "Mark as read: acme at GitLab" })[1] as HTMLElement);
  await button("1 unread incident, with a warning");
  await user.keyboard("{Escape}");
  expect(screen.queryByRole("dialog") === null).toBe(true);
  expect(document.activeElement).toBe(bell);
  await user.click(bell);
  await user.click((await screen.findAllByRole("link", { name: "acme at GitLab" }))[0] as HTMLElement);
  await waitFor(() => expect(router.state.location.pathname).toBe("/settings/integrations/s1"));
  expect(screen.queryByRole("dialog") === null).toBe(true);
});

test("a mark that the server refuses is taken back, with its reason", async () => {
  const daemon = new FakeHosts();
  daemon.incidents = [anIncident()];
  daemon.failOn("POST /v1/operator-incidents/n1/read", {
    status: 404,
    code: "not_found",
    error: "it is gone",
  });
  const { user } = openApp("/projects", { daemon });
  await user.click(await button("1 unread incident, with a warning"));
  await user.click(await button("Mark as read: acme at GitLab"));
  expect(await screen.findByText("it is gone")).toBeDefined();
  expect(await button("1 unread incident, with a warning")).toBeDefined();
});

test("incidents that can't be read say so in their list, and the rest of the page stands", async () => {
  const daemon = new FakeHosts();
  daemon.failOn("GET /v1/operator-incidents", { status: 500, code: "store_error" });
  const { user } = openApp("/projects", { daemon });
  await user.click(await button("Incidents: nothing new"));
  expect(await screen.findByText("Could not load incidents", {}, { timeout: 3_000 })).toBeDefined();
  expect(screen.getByRole("link", { name: "Shop app" })).toBeDefined();
});

test("a repository's name decides its first letter; without a picture nobody is asked for one", async () => {
  const daemon = new FakeHosts();
  daemon.repositories = [aRepository({ full_name: "acme/zebra" })];
  openApp("/settings/integrations/s1", { daemon });
  expect((await screen.findByText("z")).getAttribute("aria-hidden")).toBe("true");
  expect(requests(daemon, "GET /v1/integration-repositories")).toEqual([]);
});

test("a project is made from a repository that was searched for over all sources", async () => {
  const daemon = new FakeHosts();
  daemon.projects = [];
  daemon.pipelines = [];
  daemon.workflows = [{ path: ".oore.yaml", valid: true, errors: [], execution: null }];
  const { user, router, container } = openApp("/projects/new", { daemon });
  await heading("New project");
  const list = within(await screen.findByRole("list", { name: "Repositories" }));
  expect(list.getByText("acme/shop")).toBeDefined();
  expect(await axeFindings(container)).toEqual([]);
  const search = screen.getByRole("searchbox", { name: "Search repositories" });
  await user.type(search, "nowhere");
  expect(await screen.findByText("Nothing matches")).toBeDefined();
  expect(router.state.location.search).toEqual({ q: "nowhere" });
  await user.click(screen.getByRole("button", { name: "Clear filters" }));
  await user.type(search, "cour");
  await absent(() => screen.queryByText("acme/shop"));
  await user.click(await button("Choose acme/courier"));
  const name = screen.getByRole("textbox", { name: "Name" }) as HTMLInputElement;
  expect(name.value).toBe("courier");
  await user.click(await button("Create project"));
  await heading("courier is ready");
  expect(daemon.bodies.at(-1)).toEqual({ name: "courier", repository_id: "r2" });
  expect(await button("Add this pipeline")).toBeDefined();
  expect(await axeFindings(container)).toEqual([]);
});

test("if the code host can't be read after the project was made, a pipeline can still be described", async () => {
  const daemon = new FakeHosts();
  daemon.projects = [];
  daemon.failOn("GET /v1/projects/p1/repository-workflows", {
    status: 409,
    code: "integration_inactive",
    error: "the source does not work",
  });
  const { user } = openApp("/projects/new?q=shop", { daemon });
  await user.click(await button("Choose acme/shop"));
  await user.click(await button("Create project"));
  expect(await screen.findByText("the source does not work")).toBeDefined();
  expect(screen.getByRole("link", { name: "Describe a pipeline" })).toBeDefined();
});

test("a new project without any repository leads to connecting a source, or says whom to ask", async () => {
  const daemon = new FakeHosts();
  daemon.repositories = [];
  const { unmount } = openApp("/projects/new", { daemon });
  expect(await screen.findByRole("link", { name: "Connect a source" })).toBeDefined();
  unmount();
  daemon.capabilities = ["projects.write", "integrations.read"];
  openApp("/projects/new", { daemon });
  expect(await screen.findByText(/An owner or admin/)).toBeDefined();
  expect(screen.queryByRole("link", { name: "Connect a source" }) === null).toBe(true);
});

test("the first steps of an instance for many machines begin with a source", async () => {
  const daemon = new FakeHosts();
  daemon.sources = [];
  daemon.projects = [];
  daemon.pipelines = [];
  const { container, unmount } = openApp("/", { daemon });
  const now = async () =>
    waitFor(() => {
      const step = document.querySelector("[aria-current=step]");
      expect(step?.textContent).toBeDefined();
      return String(step?.textContent);
    });
  await screen.findByText("Four steps from a code host to a build.");
  await waitFor(async () => expect(await now()).toContain("Connect a source"));
  expect(await axeFindings(container)).toEqual([]);
  unmount();
  daemon.sources = [aSource()];
  openApp("/", { daemon });
  await waitFor(async () => expect(await now()).toContain("Choose one of the repositories"));
});
