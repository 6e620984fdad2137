/** Pages for people, sessions, tokens, the audit log and access over the real route tree. */
import { expect, spyOn, test } from "bun:test";
import { screen, waitFor, within } from "@testing-library/react";
import { axeFindings, openApp } from "./app.tsx";
import { aUser, NOW } from "./fake/data.ts";
import { anEntry, FakeTeam } from "./fake/people.ts";
import { heading, requests } from "./find.ts";

/** The names of files that are saved from now on; the page would otherwise be left for them. */
function downloads(): string[] {
  const names: string[] = [];
  document.addEventListener("click", (event) => {
    const link = event.target as HTMLAnchorElement;
    if (!link.download) return;
    event.preventDefault();
    names.push(link.download);
  });
  return names;
}

test("settings list what the server allows, and nothing else", async () => {
  const daemon = new FakeTeam();
  daemon.capabilities = ["audit_logs.read"];
  const { container } = openApp("/settings", { daemon });
  await heading("Settings");
  const main = within(screen.getByRole("main"));
  expect(await main.findByRole("link", { name: "Audit log" })).toBeDefined();
  expect(main.queryByRole("link", { name: "People" })).toBeNull();
  expect(await axeFindings(container)).toEqual([]);
});

test("without any capability settings are denied and not in the navigation", async () => {
  const daemon = new FakeTeam();
  daemon.capabilities = ["projects.read"];
  openApp("/settings", { daemon });
  expect(await screen.findByText("You don't have access to this")).toBeDefined();
  expect(screen.getByText("You are signed in as owner@local.")).toBeDefined();
  expect(screen.queryByRole("link", { name: "Settings" })).toBeNull();
});

test("people: controls follow the capabilities", async () => {
  const daemon = new FakeTeam();
  daemon.capabilities = ["users.read"];
  daemon.users = daemon.users.map((user) => ({ ...user, capabilities: [], assignable_roles: [] }));
  const { container } = openApp("/settings/users", { daemon });
  await screen.findByRole("row", { name: /ana@example.com/ });
  expect(screen.queryByRole("button", { name: "Invite" })).toBeNull();
  expect(screen.queryByRole("button", { name: "Import" })).toBeNull();
  expect(screen.queryByRole("button", { name: /^Actions for/ })).toBeNull();
  expect(screen.getByRole("button", { name: "Export" })).toBeDefined();
  expect(await axeFindings(container)).toEqual([]);
});

test("people: what may be done to each is what the server says", async () => {
  const daemon = new FakeTeam();
  const { user } = openApp("/settings/users", { daemon });
  await user.click(await screen.findByRole("button", { name: "Actions for ana@example.com" }));
  expect(screen.queryByRole("button", { name: "Actions for owner@local" })).toBeNull();
  const items = await screen.findAllByRole("menuitem");
  expect(items.map((item) => item.textContent)).toEqual(["Change role", "Disable"]);
  await user.click(screen.getByRole("menuitem", { name: "Change role" }));
  const role = within(await screen.findByRole("combobox", { name: "Role" }));
  expect(role.getAllByRole("option").map((option) => option.textContent)).toEqual(["Developer", "QA viewer"]);
});

test("access can be changed by whom the server lets, and is checked for the way one would switch to", async () => {
  const daemon = new FakeTeam();
  const { user, unmount } = openApp("/settings/access", { daemon });
  await screen.findByText(/Only the owner changes/);
  expect(screen.queryByRole("button", { name: /^Switch to/ })).toBeNull();
  unmount();
  daemon.capabilities = [...daemon.capabilities, "external_access.write"];
  openApp("/settings/access", { daemon });
  await user.click(await screen.findByRole("button", { name: "Switch to: Access proxy" }));
  const dialog = within(await screen.findByRole("dialog"));
  const word = await dialog.findByRole("textbox", { name: "Type Access proxy to confirm" });
  await user.type(word, "access proxy{Enter}");
  expect(await dialog.findByText("This is not Access proxy. Capital letters count.")).toBeDefined();
  await user.clear(word);
  await screen.findByRole("dialog");
  await waitFor(() =>
    expect(requests(daemon, "GET /v1/settings/external-access/preflight?")).toEqual([
      "GET /v1/settings/external-access/preflight?runtime_mode=remote&remote_auth_mode=trusted_proxy",
    ]),
  );
});

test("a disabled person can be let in again from the message", async () => {
  const daemon = new FakeTeam();
  const { user } = openApp("/settings/users", { daemon });
  await user.click(await screen.findByRole("button", { name: "Actions for ana@example.com" }));
  await user.click(await screen.findByRole("menuitem", { name: "Disable" }));
  const dialog = within(await screen.findByRole("dialog"));
  await user.click(dialog.getByRole("button", { name: "Disable" }));
  await waitFor(() => expect(daemon.users[1]?.status).toBe("disabled"));
  await user.click(await screen.findByRole("button", { name: "Undo" }));
  await waitFor(() => expect(daemon.users[1]?.status).toBe("active"));
});

test("an identity is forgotten where the server says that it can be, and is then no more on offer", async () => {
  const daemon = new FakeTeam();
  daemon.users = daemon.users.map((user) =>
    user.email === "ana@example.com" ? { ...user, capabilities: ["change_role", "forget_identity"] } : user,
  );
  const { user } = openApp("/settings/users", { daemon });
  const menu = async () =>
    user.click(await screen.findByRole("button", { name: "Actions for ana@example.com" }));
  await menu();
  await user.click(await screen.findByRole("menuitem", { name: "Forget sign-in identity" }));
  const dialog = within(await screen.findByRole("dialog"));
  await user.click(dialog.getByRole("button", { name: "Forget identity" }));
  await screen.findByText("The next verified sign-in as ana@example.com takes the account over");
  expect(requests(daemon, "POST /v1/users/u2/forget-identity").length).toBe(1);
  await menu();
  await screen.findByRole("menuitem", { name: "Disable" });
  expect(screen.queryByRole("menuitem", { name: "Forget sign-in identity" })).toBeNull();
});

test("an import shows what would happen before anything does", async () => {
  const daemon = new FakeTeam();
  daemon.import = {
    rows: [
      { line: 2, email: "ben@example.com", role: "developer", outcome: "invite" },
      { line: 3, email: "nonsense", role: "developer", outcome: "error", message: "not an address" },
    ],
    invited: 1,
    changed: 0,
    unchanged: 0,
    errors: 1,
  };
  const { user, container } = openApp("/settings/users", { daemon });
  await user.click(await screen.findByRole("button", { name: "Import" }));
  await user.click(await screen.findByRole("button", { name: "Check" }));
  expect(await screen.findByText("Choose a file or paste the lines.")).toBeDefined();
  expect(requests(daemon, "POST")).toEqual([]);
  const csv = "email,role\nben@example.com,developer\nnonsense,developer";
  await user.click(screen.getByRole("textbox", { name: "CSV" }));
  await user.paste(csv);
  await user.click(screen.getByRole("button", { name: "Check" }));
  const lines = within(await screen.findByRole("list", { name: "Lines of the file" }));
  expect(lines.getByText("not an address")).toBeDefined();
  expect(requests(daemon, "POST")).toEqual(["POST /v1/users/import?dry_run=true"]);
  expect(await axeFindings(container)).toEqual([]);
  expect(screen.queryByRole("button", { name: /^Apply/ })).toBeNull();
  daemon.import.rows.pop();
  daemon.import.errors = 0;
  await user.click(screen.getByRole("button", { name: "Change the lines" }));
  await user.click(screen.getByRole("button", { name: "Check" }));
  await user.click(await screen.findByRole("button", { name: "Apply 1 change" }));
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  expect(requests(daemon, "POST")[2]).toBe("POST /v1/users/import?dry_run=false");
  expect(daemon.bodies).toEqual([csv, csv, csv]);
});

test("an import without effect offers nothing to apply", async () => {
  const daemon = new FakeTeam();
  daemon.import.unchanged = 3;
  const { user } = openApp("/settings/users", { daemon });
  await user.click(await screen.findByRole("button", { name: "Import" }));
  await user.click(await screen.findByRole("textbox", { name: "CSV" }));
  await user.paste("email,role");
  await user.click(screen.getByRole("button", { name: "Check" }));
  expect(await screen.findByText("There is nothing to apply.")).toBeDefined();
  expect(screen.queryByRole("button", { name: /^Apply/ })).toBeNull();
});

test("sessions: this one is marked and cannot be ended here; others can, one or all", async () => {
  const daemon = new FakeTeam();
  const third = { id: "s3", created_at: NOW - 9, expires_at: NOW + 9, current: false };
  daemon.sessions.push(third);
  const { user, container } = openApp("/me/sessions", { daemon });
  await heading("Sessions");
  const list = within(await screen.findByRole("list", { name: "Your sessions" }));
  const [first] = list.getAllByRole("listitem");
  expect(within(first as HTMLElement).getByText("This session")).toBeDefined();
  expect(within(first as HTMLElement).queryByRole("button")).toBeNull();
  expect(await axeFindings(container)).toEqual([]);
  await user.click(list.getByRole("button", { name: "End the session of Firefox on Linux" }));
  await waitFor(() => expect(daemon.sessions.map(({ id }) => id)).toEqual(["s1", "s3"]));
  await user.click(await screen.findByRole("button", { name: "End all others" }));
  const dialog = within(await screen.findByRole("dialog"));
  await user.click(dialog.getByRole("button", { name: "End all others" }));
  expect(await screen.findByText("You are signed in nowhere else.")).toBeDefined();
  expect(screen.getByText("One other session has ended")).toBeDefined();
});

test("tokens of others name who made them", async () => {
  const daemon = new FakeTeam();
  const token = {
    id: "t1",
    name: "nightly",
    prefix: "abcd1234",
    role: "developer" as const,
    created_by: "u1",
    created_by_email: "owner@local",
    created_at: NOW,
    expires_at: null,
    last_used_at: null,
    is_expired: false,
    is_revoked: false,
  };
  daemon.tokens = [
    token,
    { ...token, id: "t2", name: "theirs", created_by: "u2", created_by_email: "ana@example.com" },
    { ...token, id: "t3", name: "gone", is_revoked: true },
  ];
  const { container } = openApp("/me/tokens", { daemon });
  const theirs = within(await screen.findByRole("row", { name: /theirs/ }));
  expect(await theirs.findByText("by ana@example.com")).toBeDefined();
  expect(screen.queryByText("by owner@local")).toBeNull();
  expect(screen.queryByRole("button", { name: "Revoke gone" })).toBeNull();
  expect(await axeFindings(container)).toEqual([]);
});

test("the audit log exports what its filters show and shows values as text", async () => {
  const daemon = new FakeTeam();
  daemon.entries = [
    anEntry({ details: '{"email":"<img src=x onerror=alert(1)>"}', peer: "192.0.2.7" }),
    anEntry({ id: 2, action: "moon_landed", resource_type: "moon" }),
  ];
  const { user, container } = openApp("/settings/audit?action=user_invited&offset=50", { daemon });
  expect(await screen.findByText("moon landed")).toBeDefined();
  expect(container.querySelector("img")).toBeNull();
  expect(requests(daemon, "GET /v1/audit-logs?")[0]).toContain("action=user_invited");
  const saved = downloads();
  await user.click(screen.getByRole("button", { name: "Export" }));
  await waitFor(() =>
    expect(requests(daemon, "GET /v1/audit-logs/export")).toEqual([
      "GET /v1/audit-logs/export?action=user_invited",
    ]),
  );
  await waitFor(() => expect(saved).toEqual(["audit.csv"]));
  expect(await axeFindings(container)).toEqual([]);
});

test("a stored secret is kept unless it is replaced or removed", async () => {
  const daemon = new FakeTeam();
  daemon.capabilities = [...daemon.capabilities, "external_access.write"];
  const sent: unknown[] = [];
  daemon.more.push([
    /^PUT \/v1\/settings\/external-access\/oidc$/,
    async (request) => {
      sent.push(await request.json());
      return { discovered_issuer: "https://id.example.com", has_client_secret: true, configured_at: NOW };
    },
  ]);
  const { user, container } = openApp("/settings/access", { daemon });
  const provider = within(await screen.findByRole("region", { name: "Identity provider" }));
  const save = await provider.findByRole("button", { name: "Save provider" });
  await user.click(save);
  await waitFor(() => expect(sent.length).toBe(1));
  await user.click(provider.getByRole("button", { name: "Replace" }));
  await user.type(provider.getByLabelText(/Client secret/), "s3cret");
  await user.click(provider.getByRole("button", { name: "Save provider" }));
  await waitFor(() => expect(sent.length).toBe(2));
  const body = { issuer_url: "https://id.example.com", client_id: "oore" };
  expect(sent).toEqual([
    { ...body, clear_client_secret: false },
    { ...body, client_secret: "s3cret", clear_client_secret: false },
  ]);
  expect(await axeFindings(container)).toEqual([]);
});

test("a refusal that needs the secret again is said at the secret", async () => {
  const daemon = new FakeTeam();
  daemon.capabilities = [...daemon.capabilities, "external_access.write"];
  daemon.failOn("PUT /v1/settings/external-access/oidc", {
    status: 400,
    code: "oidc_secret_reentry_required",
    error: "enter the secret of the new provider",
  });
  const { user } = openApp("/settings/access", { daemon });
  await user.click(await screen.findByRole("button", { name: "Save provider" }));
  const group = within(await screen.findByRole("group", { name: "Client secret" }));
  expect(await group.findByText("enter the secret of the new provider")).toBeDefined();
});

test("who chooses a language has it from the next start of the page, in this browser", async () => {
  const reload = spyOn(window.location, "reload").mockImplementation(() => undefined);
  const { user } = openApp("/me", { daemon: new FakeTeam() });
  const group = within(await screen.findByRole("group", { name: "Language" }));
  expect(group.getByRole<HTMLInputElement>("radio", { name: "As the browser" }).checked).toBe(true);
  await user.click(group.getByRole("radio", { name: "Deutsch" }));
  expect(localStorage.getItem("oore.language")).toBe("de");
  await user.click(group.getByRole("radio", { name: "As the browser" }));
  expect(localStorage.getItem("oore.language")).toBeNull();
  expect(reload).toHaveBeenCalledTimes(2);
  reload.mockRestore();
});

test("behind a trusted proxy the form for the own address says where it works", async () => {
  const daemon = new FakeTeam();
  const instance = { id: "i1", version: "0.2.0", runtime_mode: "remote", remote_auth_mode: "oidc" };
  const user = aUser({ capabilities: ["change_email"] });
  const answer = () => ({ instance, user, capabilities: [] });
  daemon.more.unshift([/^GET \/v1\/bootstrap$/, answer]);
  const first = openApp("/me", { daemon });
  await screen.findByRole("textbox", { name: "E-mail address" });
  expect(screen.queryAllByText(/changed on the daemon's machine only/).length).toBe(0);
  first.unmount();
  instance.remote_auth_mode = "trusted_proxy";
  openApp("/me", { daemon });
  expect(await screen.findByText(/changed on the daemon's machine only/)).toBeDefined();
});
