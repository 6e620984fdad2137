/** Channels of notifications over the real route tree: making, changing, trying and removing them, and what was told. */
import { expect, test } from "bun:test";
import { screen, waitFor, within } from "@testing-library/react";
import { axeFindings, openApp } from "./app.tsx";
import { aChannel, aTold, FakeOperations } from "./fake/operations.ts";
import { absent, button, enter, heading, requests } from "./find.ts";

const LIST = "/settings/notifications";
const POST = "POST /v1/settings/notification-channels";
const box = (name: string) => screen.findByRole<HTMLInputElement>("textbox", { name });

test("channels are listed with where they go and what they tell; none teaches what one is for", async () => {
  const daemon = new FakeOperations();
  daemon.channels = [aChannel(), aChannel({ id: "n2", name: "Audit", enabled: false, events: [] })];
  const { container, unmount } = openApp(LIST, { daemon });
  const list = within(await screen.findByRole("list", { name: "Notifications" }));
  expect(list.getAllByRole("listitem").map((item) => item.textContent)).toEqual([
    "Team roomSlack · https://hooks.example.comFailed · Fixed: passes againOn",
    "AuditSlack · https://hooks.example.comEverythingOff",
  ]);
  expect(await axeFindings(container)).toEqual([]);
  unmount();
  daemon.channels = [];
  const empty = openApp(LIST, { daemon });
  expect(await screen.findByText("No channel yet")).toBeDefined();
  expect(await axeFindings(empty.container)).toEqual([]);
});

test("however many channels there are, all can be reached", async () => {
  const daemon = new FakeOperations();
  daemon.channels = Array.from({ length: 60 }, (_, at) => aChannel({ id: `n${at}`, name: `Room ${at}` }));
  const { user, router } = openApp(LIST, { daemon });
  await user.click(await button("Next"));
  expect(await screen.findByRole("link", { name: "Room 59" })).toBeDefined();
  expect(router.state.location.search).toEqual({ offset: 50 });
});

test("a chat is added by its address, with rules, and its page follows", async () => {
  const daemon = new FakeOperations();
  const { user, router, container } = openApp(`${LIST}/new`, { daemon });
  await user.click(await button("Add channel"));
  expect((await box("Name")).getAttribute("aria-invalid")).toBe("true");
  await user.type(await box("Name"), "Shop");
  await user.click(await button("Add channel"));
  const url = await box("Address");
  expect(url.getAttribute("aria-invalid")).toBe("true");
  await enter(user, url, "https://hooks.example.com/T1");
  await user.click(screen.getByRole("checkbox", { name: "Fixed: passes again" }));
  await user.click(await screen.findByRole("checkbox", { name: "Shop app" }));
  await enter(user, await box("Only builds of these branches (optional)"), "main\nrelease/*");
  await user.selectOptions(screen.getByRole("combobox", { name: "Only builds of" }), "ana@example.com");
  expect(await axeFindings(container)).toEqual([]);
  await user.click(await button("Add channel"));
  await heading("Shop");
  expect(router.state.location.pathname).toBe(`${LIST}/n2`);
  expect(daemon.bodies).toEqual([
    {
      name: "Shop",
      channel_type: "slack",
      enabled: true,
      events: ["failed"],
      rules: { project_ids: ["p1"], branches: ["main", "release/*"], person_id: "u2" },
      url: "https://hooks.example.com/T1",
    },
  ]);
});

test("a channel of a project that is gone shows it, says what the server refuses, and is mended by unticking", async () => {
  const daemon = new FakeOperations();
  daemon.channels = [aChannel({ rules: { project_ids: ["gone"], branches: [], person_id: null } })];
  const put = "PUT /v1/settings/notification-channels/n1";
  const refusal = "there is no such project";
  daemon.failOn(put, {
    status: 400,
    code: "validation_error",
    fields: [{ field: "rules.project_ids", message: refusal }],
  });
  const { user, container } = openApp(`${LIST}/n1`, { daemon });
  const gone = await screen.findByRole("checkbox", { name: "A project that is not listed" });
  expect((gone as HTMLInputElement).checked).toBe(true);
  await user.type(await box("Name"), "!");
  await user.click(await button("Save channel"));
  expect(await screen.findByText(refusal)).toBeDefined();
  expect(await axeFindings(container)).toEqual([]);
  daemon.recover();
  await user.click(await screen.findByRole("checkbox", { name: "A project that is not listed" }));
  await user.click(await button("Save channel"));
  expect(await screen.findByText("Team room! is saved")).toBeDefined();
  expect(daemon.bodies.at(-1)).toMatchObject({ rules: { project_ids: [] } });
});

test("another kind of channel keeps what was typed, and the focus", async () => {
  const { user } = openApp(`${LIST}/new`, { daemon: new FakeOperations() });
  await user.type(await box("Name"), "Room");
  await user.click(await screen.findByRole("checkbox", { name: "Shop app" }));
  const kind = screen.getByRole("combobox", { name: "Kind" });
  kind.focus();
  await user.selectOptions(kind, "E-mail");
  await box("Mail server");
  expect((await box("Name")).value).toBe("Room");
  expect(screen.getByRole<HTMLInputElement>("checkbox", { name: "Shop app" }).checked).toBe(true);
  expect(document.activeElement === screen.getByRole("combobox", { name: "Kind" })).toBe(true);
});

test("mail asks for its server; the usual port follows the encryption", async () => {
  const daemon = new FakeOperations();
  const { user, container } = openApp(`${LIST}/new`, { daemon });
  await user.selectOptions(await screen.findByRole("combobox", { name: "Kind" }), "E-mail");
  await user.type(await box("Name"), "Mail");
  await enter(user, await box("Mail server"), "mail.example.com");
  expect((await box("Port")).value).toBe("465");
  await user.selectOptions(screen.getByRole("combobox", { name: "Encryption" }), "STARTTLS");
  expect((await box("Port")).value).toBe("587");
  await enter(user, await box("Sender"), "ci@example.com");
  await user.click(await button("Add channel"));
  expect((await box("Recipients")).getAttribute("aria-invalid")).toBe("true");
  await enter(user, await box("Recipients"), "ana@example.com\nben@example.com");
  expect(await axeFindings(container)).toEqual([]);
  await user.click(await button("Add channel"));
  await heading("Mail");
  expect(daemon.bodies).toMatchObject([
    {
      channel_type: "email",
      smtp_config: {
        host: "mail.example.com",
        port: 587,
        tls_mode: "start_tls",
        username: "",
        password: "",
        from_address: "ci@example.com",
        recipients: ["ana@example.com", "ben@example.com"],
      },
    },
  ]);
});

test("what the server refuses about a field stands there, the rest with the request's id", async () => {
  const daemon = new FakeOperations();
  const fields = [{ field: "url", message: "must be https" }];
  daemon.failOn(POST, { status: 400, code: "invalid_input", error: "no", fields });
  const { user } = openApp(`${LIST}/new`, { daemon });
  await user.type(await box("Name"), "Shop");
  await user.type(await box("Address"), "ftp://x");
  await user.click(await button("Add channel"));
  expect(await screen.findByText("must be https")).toBeDefined();
  expect(screen.getByText("req-test-1")).toBeDefined();
  expect(screen.queryByText("url: must be https") === null).toBe(true);
});

test("what the server refuses about a field that the form does not have is still said", async () => {
  const daemon = new FakeOperations();
  const fields = [{ field: "channel_type", message: "is turned off here" }];
  daemon.failOn(POST, { status: 400, code: "invalid_input", error: "no", fields });
  const { user } = openApp(`${LIST}/new`, { daemon });
  await user.type(await box("Name"), "Shop");
  await user.type(await box("Address"), "https://x");
  await user.click(await button("Add channel"));
  expect(await screen.findByText("channel_type: is turned off here")).toBeDefined();
});

test("a mail channel says whether a password is kept, whatever its user is called", async () => {
  const smtp = {
    host: "mail.example.com",
    port: 465,
    username: "ci",
    tls_mode: "tls" as const,
    from_address: "ci@example.com",
    recipients: ["ana@example.com"],
  };
  for (const [has_smtp_password, said] of [
    [true, "Stored. It is never shown."],
    [false, "None stored."],
  ] as const) {
    const daemon = new FakeOperations();
    daemon.channels = [aChannel({ channel_type: "email", has_smtp_config: true, has_smtp_password, smtp })];
    const { unmount } = openApp(`${LIST}/n1`, { daemon });
    expect(await screen.findByText(said)).toBeDefined();
    unmount();
  }
});

test("when the projects cannot be read the rules say so, and try again", async () => {
  const daemon = new FakeOperations();
  daemon.failOn("GET /v1/projects", { status: 400, code: "store_error", error: "the list is away" });
  const { user } = openApp(`${LIST}/new`, { daemon });
  expect(await screen.findByText("the list is away")).toBeDefined();
  daemon.recover();
  await user.click(await button("Try again"));
  expect(await screen.findByRole("checkbox", { name: "Shop app" })).toBeDefined();
});

test("a stored address is kept unless it is typed anew", async () => {
  const daemon = new FakeOperations();
  const { user } = openApp(`${LIST}/n1`, { daemon });
  expect(await screen.findByText(/^Goes to https:\/\/hooks.example.com\./)).toBeDefined();
  await user.click(screen.getByRole("switch", { name: "Turned on" }));
  await user.click(await button("Save channel"));
  expect(await screen.findByText("Team room is saved")).toBeDefined();
  expect(daemon.bodies).toMatchObject([{ enabled: false }]);
  expect(daemon.bodies[0]).not.toHaveProperty("url");
  await user.click(await button("Replace"));
  await enter(user, await box("Address"), "https://new.example.com/x");
  await user.click(await button("Save channel"));
  await waitFor(() => expect(daemon.bodies[1]).toMatchObject({ url: "https://new.example.com/x" }));
});

test("the signing secret of a webhook is set, kept and removed", async () => {
  const daemon = new FakeOperations();
  daemon.channels = [aChannel({ channel_type: "webhook", has_secret: true })];
  const { user } = openApp(`${LIST}/n1`, { daemon });
  const group = within(await screen.findByRole("group", { name: "Signing secret" }));
  await user.click(group.getByRole("button", { name: "Remove" }));
  await user.click(await button("Save channel"));
  await waitFor(() => expect(daemon.bodies).toMatchObject([{ secret: "" }]));
});

test("a test says that it arrived, or why not", async () => {
  const daemon = new FakeOperations();
  const { user, container } = openApp(`${LIST}/n1`, { daemon });
  await user.click(await button("Send a test"));
  expect(await screen.findByText("The test has arrived.")).toBeDefined();
  daemon.test = { success: false, error: "answered 404" };
  await user.click(await button("Send a test"));
  expect(await screen.findByText("answered 404")).toBeDefined();
  expect(await axeFindings(container)).toEqual([]);
  await user.type(await box("Name"), "!");
  await user.click(await button("Save channel"));
  await absent(() => screen.queryByText("answered 404"));
});

test("what was told is a list with states, reasons and the builds it is about", async () => {
  const daemon = new FakeOperations();
  daemon.told = [
    aTold(),
    aTold({
      id: "d2",
      build_id: undefined,
      event_type: "runner.offline",
      status: "pending",
      attempt_count: 2,
      last_error: "answered 503",
      delivered_at: undefined,
      next_attempt_at: Math.floor(Date.now() / 1000) + 120,
    }),
    aTold({ id: "d3", event_type: "build.new", status: "failed", last_error: "gave up" }),
  ];
  const { container } = openApp(`${LIST}/n1`, { daemon });
  const table = within(await screen.findByRole("table", { name: "What was told" }));
  expect(table.getByRole("link", { name: "Build failed" }).getAttribute("href")).toContain("/builds/b1");
  expect(
    table.getByRole("row", { name: /Runner offline.*answered 503.*Next attempt.*Waiting.*2/ }),
  ).toBeDefined();
  expect(table.getByRole("row", { name: /build\.new.*gave up.*Given up/ })).toBeDefined();
  expect(await axeFindings(container)).toEqual([]);
});

test("a channel is removed after a question, and one that is gone says so", async () => {
  const daemon = new FakeOperations();
  const { user, router, unmount } = openApp(`${LIST}/n1`, { daemon });
  await user.click(await button("Remove channel"));
  const dialog = within(await screen.findByRole("dialog", { name: "Remove Team room?" }));
  await user.click(dialog.getByRole("button", { name: "Remove" }));
  await waitFor(() => expect(router.state.location.pathname).toBe(LIST));
  expect(await screen.findByText("No channel yet")).toBeDefined();
  unmount();
  openApp(`${LIST}/n1`, { daemon });
  expect(await screen.findByText("This channel does not exist")).toBeDefined();
});

test("private hosts are the owner's to list", async () => {
  const daemon = new FakeOperations();
  daemon.hosts = ["chat.lan"];
  const { unmount } = openApp(LIST, { daemon });
  const section = async () => within(await screen.findByRole("region", { name: "Private hosts" }));
  expect(await (await section()).findByText("chat.lan")).toBeDefined();
  expect((await section()).queryByRole("button") === null).toBe(true);
  unmount();
  daemon.capabilities = [...daemon.capabilities, "external_access.write"];
  const { user, container } = openApp(LIST, { daemon });
  await enter(user, await box("Hosts that channels may reach (optional)"), "\n10.0.0.7");
  expect(await axeFindings(container)).toEqual([]);
  await user.click(await button("Save hosts"));
  await waitFor(() => expect(daemon.hosts).toEqual(["chat.lan", "10.0.0.7"]));
});

test("who may only look sees channels and what was told, and is denied a new one", async () => {
  const daemon = new FakeOperations();
  daemon.capabilities = ["instance_settings.read"];
  const one = openApp(`${LIST}/n1`, { daemon });
  expect(await screen.findByText("Nothing has been told yet. Send a test to see it here.")).toBeDefined();
  expect(screen.queryByRole("button", { name: /Send a test|Save|Remove/ }) === null).toBe(true);
  one.unmount();
  openApp(`${LIST}/new`, { daemon });
  expect(await screen.findByText("You don't have access to this")).toBeDefined();
  expect(requests(daemon, POST)).toEqual([]);
});
