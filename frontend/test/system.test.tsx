/** The daemon itself: its update through the restart, its health, and the support bundle, over the real route tree. */
import { expect, spyOn, test } from "bun:test";
import { screen, waitFor, within } from "@testing-library/react";
import { axeFindings, openApp } from "./app.tsx";
import { FakeSystem } from "./fake/system.ts";
import { absent, button, heading, requests } from "./find.ts";

const BEGIN = "Update to the newest version";
const READ = "GET /v1/system/update";
const POST = "POST /v1/system/update";
const part = async (name: string) => within(await screen.findByRole("region", { name }));
const update = () => part("Version and update");
const health = () => part("Health");

async function confirmed(user: ReturnType<typeof openApp>["user"]) {
  await user.click(await button(BEGIN));
  const dialog = within(await screen.findByRole("dialog", { name: "Update the daemon?" }));
  await user.click(dialog.getByRole("button", { name: "Update" }));
  return dialog;
}

test("the version that runs, that everything works, and what a bundle holds are said", async () => {
  const { container } = openApp("/settings/system", { daemon: new FakeSystem() });
  await heading("System");
  expect(await (await update()).findByText("0.2.0")).toBeDefined();
  expect((await update()).getByText("Starts the daemon again when it ends")).toBeDefined();
  expect(await (await health()).findByText("Everything works.")).toBeDefined();
  expect((await health()).getAllByRole("listitem").map((item) => item.textContent)).toEqual([
    "OKDatabase(database) ok",
    "OKDisk(disk) ok",
  ]);
  expect(await (await part("Support bundle")).findByText(/It holds no secrets/)).toBeDefined();
  const settings = within(await screen.findByRole("navigation", { name: "Settings" }));
  expect(settings.getByRole("link", { name: "System" })).toBeDefined();
  expect(await axeFindings(container)).toEqual([]);
});

test("without a service manager the command is there instead of the button", async () => {
  const daemon = new FakeSystem();
  daemon.update.managed_service = false;
  openApp("/settings/system", { daemon });
  expect(await (await update()).findByText("oore update")).toBeDefined();
  expect(screen.queryByRole("button", { name: BEGIN }) === null).toBe(true);
});

test("an update that failed says why, and another can be begun", async () => {
  const daemon = new FakeSystem();
  daemon.update = { ...daemon.update, phase: "failed", error: "the signature does not match" };
  const { user, container } = openApp("/settings/system", { daemon });
  expect(await (await update()).findByText("The last update failed; version 0.2.0 runs on")).toBeDefined();
  expect((await update()).getByText("the signature does not match")).toBeDefined();
  expect(await axeFindings(container)).toEqual([]);
  await confirmed(user);
  expect(await (await update()).findByText("Updating…")).toBeDefined();
  expect((await update()).queryByText("the signature does not match") === null).toBe(true);
});

test("an update is asked about, begun, followed through the restart, and its outcome said", async () => {
  const daemon = new FakeSystem();
  const { user, container } = openApp("/settings/system", { daemon });
  await user.click(await button(BEGIN));
  const dialog = within(await screen.findByRole("dialog"));
  expect(dialog.getByText("Builds that are running go on.")).toBeDefined();
  await user.click(dialog.getByRole("button", { name: "Cancel" }));
  await absent(() => screen.queryByRole("dialog"));
  expect(requests(daemon, POST)).toEqual([]);
  await confirmed(user);
  expect(await (await update()).findByText("Updating…")).toBeDefined();
  await absent(() => screen.queryByRole("dialog"));
  expect((await button(BEGIN)).getAttribute("aria-disabled")).toBe("true");
  daemon.failOn(READ, { status: 0, code: "unreachable" });
  expect(await (await update()).findByText("Restarting…")).toBeDefined();
  expect((await update()).getByText("oore doctor")).toBeDefined();
  expect((await update()).queryByRole("button", { name: "Try again" }) === null).toBe(true);
  expect(await axeFindings(container)).toEqual([]);
  daemon.recover();
  daemon.update = { ...daemon.update, phase: "idle", version: "0.3.0" };
  expect(await (await update()).findByText("Updated from 0.2.0 to 0.3.0.")).toBeDefined();
  expect((await button(BEGIN)).getAttribute("aria-disabled")).toBeNull();
});

test("that there was nothing newer is said, and the polling ends", async () => {
  const daemon = new FakeSystem();
  daemon.update.phase = "restarting";
  openApp("/settings/system", { daemon });
  expect(await (await update()).findByText("Restarting…")).toBeDefined();
  daemon.update = { ...daemon.update, phase: "idle" };
  expect(await (await update()).findByText("Version 0.2.0 is the newest.")).toBeDefined();
  const asked = requests(daemon, READ).length;
  await Bun.sleep(2_500);
  expect(requests(daemon, READ).length).toBe(asked);
});

test("an update that is refused says why in the dialog", async () => {
  const daemon = new FakeSystem();
  daemon.failOn(POST, {
    status: 409,
    code: "runtime_update_unavailable",
    error: "/opt/oore belongs to Homebrew",
    hint: "Update it with `brew upgrade oore`.",
  });
  const { user } = openApp("/settings/system", { daemon });
  const dialog = await confirmed(user);
  const text = "/opt/oore belongs to Homebrew. Update it with `brew upgrade oore`.";
  expect((await dialog.findByRole("alert")).textContent).toBe(text);
});

test("a failing check is an answer, first in the list and with its remedy", async () => {
  const daemon = new FakeSystem();
  const fix = "Free some space on the disk of the data folder.";
  daemon.checks = [
    { name: "database", status: "ok", what: "it works" },
    { name: "disk", status: "missing", what: "it is full", fix },
  ];
  const { user, container } = openApp("/settings/system", { daemon });
  expect(await (await health()).findByText("1 check fails")).toBeDefined();
  const items = (await health()).getAllByRole("listitem").map((item) => item.textContent);
  expect(items).toEqual([`FailedDiskit is full${fix}`, "OKDatabaseit works"]);
  expect(await axeFindings(container)).toEqual([]);
  daemon.checks = [{ name: "fan", status: "warning", what: "it is loud" }];
  await user.click(await button("Check again"));
  expect(await (await health()).findByText("It works, with 1 warning")).toBeDefined();
  expect((await health()).getByText("fan")).toBeDefined();
});

test("a proxy's 503 is no answer about health", async () => {
  const daemon = new FakeSystem();
  daemon.failOn("GET /readyz", { status: 503, code: "down" });
  openApp("/settings/system", { daemon });
  expect(await (await health()).findByText("HTTP 503")).toBeDefined();
});

test("who reads settings but is not the owner sees version and health, and whom to ask", async () => {
  const daemon = new FakeSystem();
  daemon.failOn(READ, { status: 403, code: "insufficient_role" });
  openApp("/settings/system", { daemon });
  expect(await screen.findByText(/^Only the owner updates/)).toBeDefined();
  expect((await update()).getByText("0.2.0")).toBeDefined();
  expect(await (await health()).findByText("Everything works.")).toBeDefined();
  expect(screen.queryByRole("button", { name: "Download support bundle" }) === null).toBe(true);
  expect(screen.queryByRole("button", { name: BEGIN }) === null).toBe(true);
});

test("who may not see the settings is denied, and has no entry", async () => {
  const daemon = new FakeSystem();
  daemon.capabilities = ["projects.read", "users.read"];
  openApp("/settings/system", { daemon });
  await heading("System");
  expect(await screen.findByText("You don't have access to this")).toBeDefined();
  const settings = within(await screen.findByRole("navigation", { name: "Settings" }));
  expect(settings.queryByRole("link", { name: "System" }) === null).toBe(true);
  expect(requests(daemon, READ)).toEqual([]);
  expect(requests(daemon, "GET /readyz")).toEqual([]);
});

test("the support bundle is downloaded as a file, and a refusal is said", async () => {
  const daemon = new FakeSystem();
  const made: Blob[] = [];
  const names: string[] = [];
  const url = spyOn(URL, "createObjectURL").mockImplementation((blob) => {
    made.push(blob as Blob);
    return "blob:x";
  });
  // The browser would save the file; this one has no downloads.
  const click = spyOn(HTMLAnchorElement.prototype, "click").mockImplementation(function (
    this: HTMLAnchorElement,
  ) {
    names.push(this.download);
  });
  const { user } = openApp("/settings/system", { daemon });
  await user.click(await button("Download support bundle"));
  await waitFor(() => expect(names.length).toBe(1));
  expect(names[0]).toMatch(/^oore-support-\d{4}-\d\d-\d\d\.tar\.gz$/);
  expect(await made[0]?.text()).toBe("bundle of 0.2.0");
  daemon.failOn("GET /v1/system/support-bundle", {
    status: 500,
    code: "internal_error",
    error: "no archive",
  });
  await user.click(await button("Download support bundle"));
  expect(await screen.findByText("no archive")).toBeDefined();
  url.mockRestore();
  click.mockRestore();
});
