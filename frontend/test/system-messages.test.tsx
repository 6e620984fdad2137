/** What the daemon said, read by its owner when it is opened; and how backups are made. Over the real route tree. */
import { expect, test } from "bun:test";
import { screen, waitFor, within } from "@testing-library/react";
import type { DaemonMessage } from "@/api/types";
import { axeFindings, openApp } from "./app.tsx";
import { NOW } from "./fake/data.ts";
import { FakeSystem } from "./fake/system.ts";
import { absent, button, enter, heading, requests } from "./find.ts";

const READ = "GET /v1/system/messages";
const REQUEST = "01a22e40d6af75dfb01284ff9dc05533";

function aMessage(change: Partial<DaemonMessage> = {}): DaemonMessage {
  return { at: NOW * 1000, level: "info", message: "Oore CI listens", fields: {}, ...change };
}

const SAID: DaemonMessage[] = [
  aMessage({
    level: "error",
    message: "the store does not answer",
    fields: { request_id: REQUEST, tries: 3 },
  }),
  aMessage({
    level: "warn",
    message: "a webhook was late",
    fields: { host: "git.example.com", why: "no route" },
  }),
  aMessage(),
];

function openMessages(path = "/settings/system?messages=open", messages = SAID) {
  const daemon = new FakeSystem();
  daemon.messages = messages;
  return { ...openApp(path, { daemon }), daemon };
}

const part = async () => within(await screen.findByRole("region", { name: "Messages of the daemon" }));
const list = async () => within(await screen.findByRole("list", { name: "Messages of the daemon" }));
const lines = async () => (await list()).getAllByRole("listitem");

test("messages are read when they are opened, and not with the page", async () => {
  const { daemon, user, router } = openMessages("/settings/system");
  const show = await button("Show messages");
  await screen.findByText("Everything works.");
  expect(show.getAttribute("aria-expanded")).toBe("false");
  expect(requests(daemon, READ)).toEqual([]);
  expect(requests(daemon, "").filter((line) => !line.includes("/v1/events")).length).toBeLessThanOrEqual(4);
  await user.click(show);
  expect((await lines()).length).toBe(3);
  expect(show.getAttribute("aria-expanded")).toBe("true");
  expect(document.activeElement === show).toBe(true);
  expect(router.state.location.search).toEqual({ messages: "open" });
  await user.click(show);
  await absent(() => screen.queryByRole("list", { name: "Messages of the daemon" }));
  expect(router.state.location.search).toEqual({});
});

test("each says its level as a word, and its fields when it is opened, the request's id to copy", async () => {
  const { user, container } = openMessages();
  const [error, warning, info] = await lines();
  expect(error?.textContent).toStartWith("Errorthe store does not answer");
  expect(warning?.textContent).toStartWith("Warninga webhook was late");
  expect(info?.textContent).toStartWith("InfoOore CI listens");
  await user.click(within(error as HTMLElement).getByText("the store does not answer"));
  expect(error?.querySelector("details")?.open).toBe(true);
  expect(within(error as HTMLElement).getByText("tries").nextSibling?.textContent).toBe("3");
  await user.click(within(error as HTMLElement).getByRole("button", { name: "Copy request_id" }));
  await within(error as HTMLElement).findByRole("button", { name: "Copied" });
  expect(await navigator.clipboard.readText()).toBe(REQUEST);
  expect(await axeFindings(container)).toEqual([]);
});

test("level and text are asked of the daemon and are in the address, which opens the messages", async () => {
  const { daemon, user, router } = openMessages("/settings/system?level=warn");
  expect((await lines()).length).toBe(2);
  expect((await screen.findByLabelText<HTMLSelectElement>("Level")).value).toBe("warn");
  await user.selectOptions(screen.getByLabelText("Level"), "Errors only");
  await waitFor(async () => expect((await lines()).length).toBe(1));
  expect(router.state.location.search).toEqual({ messages: "open", level: "error" });
  await user.selectOptions(screen.getByLabelText("Level"), "All");
  await enter(user, screen.getByLabelText("Text"), "git.example.com");
  await waitFor(() =>
    expect(router.state.location.search).toEqual({ messages: "open", q: "git.example.com" }),
  );
  await waitFor(async () => expect((await lines()).length).toBe(1));
  expect(requests(daemon, READ)).toEqual([
    `${READ}?level=warn&limit=200`,
    `${READ}?level=error&limit=200`,
    `${READ}?limit=200`,
    `${READ}?q=git.example.com&limit=200`,
  ]);
});

test("filters that hide all messages are said and can be taken away; that there are none is another thing", async () => {
  const { user, unmount, container } = openMessages("/settings/system?q=nobody&level=error");
  await screen.findByText("Nothing matches");
  expect(await axeFindings(container)).toEqual([]);
  await user.click(await button(/Text: nobody/));
  expect((await lines()).length).toBe(1);
  unmount();
  openMessages(undefined, []);
  expect(await screen.findByText("The daemon has said nothing since its start.")).toBeDefined();
  expect(screen.queryByRole("button", { name: "Copy as text" }) === null).toBe(true);
});

test("Refresh asks again, and what was opened stays open though newer ones came", async () => {
  const { daemon, user } = openMessages();
  await user.click((await list()).getByText("a webhook was late"));
  daemon.messages = [aMessage({ at: NOW * 1000 + 5, message: "a new one" }), ...SAID];
  await user.click(await button("Refresh"));
  await (await list()).findByText("a new one");
  const open = (await lines()).filter((line) => line.querySelector("details")?.open);
  expect(open.map((line) => line.querySelector("summary")?.textContent)).toEqual([
    expect.stringContaining("a webhook was late"),
  ]);
});

test("all that is shown is copied as text, fields included", async () => {
  const { user } = openMessages("/settings/system?level=warn");
  await lines();
  await user.click(await button("Copy as text"));
  await button("Copied");
  const at = new Date(NOW * 1000).toISOString();
  expect(await navigator.clipboard.readText()).toBe(
    `${at} ERROR the store does not answer request_id=${REQUEST} tries=3\n` +
      `${at} WARN a webhook was late host=git.example.com why="no route"`,
  );
});

test("where there are more than the newest, the older ones are a click away", async () => {
  const many = Array.from({ length: 201 }, (_, index) => aMessage({ message: `message ${index}` }));
  const { daemon, user } = openMessages(undefined, many);
  expect(await screen.findByText("These are the newest 200.")).toBeDefined();
  await user.click(await button("Show older ones too"));
  await waitFor(async () => expect((await lines()).length).toBe(201));
  expect(screen.queryByText(/^These are the newest/) === null).toBe(true);
  expect(requests(daemon, READ).at(-1)).toBe(`${READ}?limit=1000`);
});

test("messages that can't be read are an error with a way on, and those that may not are denied", async () => {
  const { daemon, user, unmount } = openMessages("/settings/system");
  daemon.failOn(READ, { status: 400, code: "invalid_input", error: "that is no level" });
  await user.click(await button("Show messages"));
  expect(await (await part()).findByText("that is no level")).toBeDefined();
  daemon.recover();
  await user.click((await part()).getByRole("button", { name: "Try again" }));
  expect((await lines()).length).toBe(3);
  unmount();
  const other = openMessages("/settings/system");
  other.daemon.failOn(READ, { status: 403, code: "insufficient_role" });
  await other.user.click(await button("Show messages"));
  expect(await (await part()).findByText("You don't have access to this")).toBeDefined();
});

test("who is not the owner has no messages to open, whatever the address says", async () => {
  const daemon = new FakeSystem();
  daemon.failOn("GET /v1/system/update", { status: 403, code: "insufficient_role" });
  openApp("/settings/system?messages=open", { daemon });
  expect(await screen.findByText(/^Only the owner .*reads its messages/)).toBeDefined();
  expect(screen.queryByRole("region", { name: "Messages of the daemon" }) === null).toBe(true);
  expect(requests(daemon, READ)).toEqual([]);
});

test("how to make, check and restore a backup is there to copy, with what it holds and no made-up state", async () => {
  const { container } = openMessages("/settings/system");
  await heading("System");
  const backup = within(await screen.findByRole("region", { name: "Backup and restore" }));
  expect([...container.querySelectorAll("ol code")].map((code) => code.textContent)).toEqual([
    "oore backup create --output oore-backup.tar.gz",
    "oore backup verify --input oore-backup.tar.gz",
    "oore backup restore --input oore-backup.tar.gz",
  ]);
  expect(backup.getAllByRole("button", { name: "Copy" }).length).toBe(3);
  expect(backup.getByText(/Whoever has a backup can read every secret/)).toBeDefined();
  expect(backup.getByText(/When the last one was made is not known here/)).toBeDefined();
  expect(backup.getByText("--with-artifacts")).toBeDefined();
});
