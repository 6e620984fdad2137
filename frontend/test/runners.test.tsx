/** The pages of runners: what a runner lacks, renaming and removing it, adding one and waiting for it. */
import { expect, test } from "bun:test";
import { act, screen, waitFor, within } from "@testing-library/react";
import { addressFor, newcomer } from "@/features/runners/joining";
import { factsOf, summaryOf } from "@/lib/runner-facts";
import { axeFindings, openApp } from "./app.tsx";
import { FakeDaemon } from "./fake/daemon.ts";
import { aBuild, aRunner, NOW } from "./fake/data.ts";

const external = (patch = {}) =>
  aRunner({ id: "r2", name: "mac mini", embedded: false, registered_by: "u1", ...patch });

test("slots and how many are busy are shown, and change with the builds", async () => {
  const daemon = new FakeDaemon();
  daemon.runners = [external({ slots: 3, busy_slots: 2, status: "busy" })];
  const { user } = openApp("/runners", { daemon });
  expect(await screen.findByText("2 of 3 busy")).toBeDefined();
  await user.click(screen.getByRole("link", { name: "mac mini" }));
  expect(await screen.findByText("Slots")).toBeDefined();
  await waitFor(() => expect(daemon.openStreams).toBe(1));
  daemon.runners = [external({ slots: 3, busy_slots: 3, status: "busy" })];
  daemon.emit("build", {
    build_id: "b9",
    project_id: "p1",
    pipeline_id: "l1",
    status: "assigned",
    build_number: 9,
  });
  expect(await screen.findByText("3 of 3 busy")).toBeDefined();
});

test("a runner's page tells the worst first and how to mend it", async () => {
  const daemon = new FakeDaemon();
  daemon.builds = [aBuild()];
  daemon.doctor = [
    { name: "git", status: "ok", what: "git 2.47.3" },
    { name: "android_sdk", status: "missing", what: "there is no Android SDK", fix: "Set ANDROID_HOME." },
    { name: "jdk", status: "warning", what: "JDK 11 is old", fix: "sudo apt install openjdk-17-jdk" },
  ];
  const { container } = openApp("/runners/r1", { daemon });
  await screen.findByRole("heading", { level: 1, name: "this-machine" });
  const report = await screen.findByRole("list", { name: "Doctor report" });
  const rows = within(report).getAllByRole("listitem");
  expect(rows.map((row) => row.textContent?.slice(0, 7))).toEqual(["Missing", "Warning", "OKgit 2"]);
  // A command can be copied; a sentence is only read.
  expect(within(report).getAllByRole("button", { name: "Copy" }).length).toBe(1);
  expect(screen.getByText("64 GB", { exact: false })).toBeDefined();
  expect(await screen.findByRole("list", { name: "Builds on this runner" })).toBeDefined();
  expect(screen.queryByRole("button", { name: "Remove" })).toBeNull();
  expect(await axeFindings(container)).toEqual([]);
});

test("a runner that tells nothing has an honest page, and one without builds says so", async () => {
  const daemon = new FakeDaemon();
  daemon.builds = [];
  daemon.runners = [external({ capabilities: {}, figures: undefined })];
  openApp("/runners/r2", { daemon });
  expect(await screen.findByText("This runner does not tell what it has. Newer ones do.")).toBeDefined();
  expect(await screen.findByText("It has not built anything yet.")).toBeDefined();
});

test("an external runner is renamed and removed", async () => {
  const daemon = new FakeDaemon();
  daemon.runners = [aRunner(), external()];
  const { user, router } = openApp("/runners/r2", { daemon });
  await user.click(await screen.findByRole("button", { name: "Rename" }));
  const field = await screen.findByRole("textbox", { name: "Name" });
  await user.clear(field);
  await user.click(within(screen.getByRole("dialog")).getByRole("button", { name: "Rename" }));
  expect(field.getAttribute("aria-invalid")).toBe("true");
  await user.type(field, "mac studio{Enter}");
  await screen.findByRole("heading", { level: 1, name: "mac studio" });
  await user.click(screen.getByRole("button", { name: "Remove" }));
  await screen.findByText("Its token ends at once; the program on it finds no more work");
  await user.click(within(screen.getByRole("dialog")).getByRole("button", { name: "Remove" }));
  await waitFor(() => expect(router.state.location.pathname).toBe("/runners"));
  await waitFor(() => expect(screen.queryByText("mac studio")).toBeNull());
});

test("a runner is drained with a reason, which both pages show, and resumed by the same button", async () => {
  const daemon = new FakeDaemon();
  const { user, router, container } = openApp("/runners/r1", { daemon });
  await user.click(await screen.findByRole("button", { name: "Drain" }));
  const field = await screen.findByRole("textbox", { name: "Reason (optional)" });
  await waitFor(() => expect(document.activeElement).toBe(field));
  await user.type(field, " new disk {Enter}");
  const resume = await screen.findByRole("button", { name: "Resume" });
  expect(daemon.bodies).toEqual([{ draining: true, reason: "new disk" }]);
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  await waitFor(() => expect(document.activeElement).toBe(resume));
  expect(screen.getByText("Takes no new builds")).toBeDefined();
  expect(screen.getByText("new disk")).toBeDefined();
  expect(screen.getByText(/^Drained by owner@local/)).toBeDefined();
  expect(await axeFindings(container)).toEqual([]);

  await act(() => router.navigate({ to: "/runners" }));
  expect(await screen.findByText("Draining")).toBeDefined();
  expect(screen.getByText("Takes no new builds: new disk")).toBeDefined();

  await act(() => router.navigate({ to: "/runners/$runnerId", params: { runnerId: "r1" } }));
  await user.click(await screen.findByRole("button", { name: "Resume" }));
  await screen.findByRole("button", { name: "Drain" });
  expect(daemon.bodies.at(-1)).toEqual({ draining: false });
  expect(screen.queryByText("Takes no new builds")).toBeNull();
});

test("a reason that the daemon refuses stays in the dialog with the daemon's words", async () => {
  const daemon = new FakeDaemon();
  const error = "a reason must be one line of at most 500 characters";
  daemon.failOn("PATCH /v1/runners/r1", { status: 400, code: "invalid_input", error });
  const { user } = openApp("/runners/r1", { daemon });
  await user.click(await screen.findByRole("button", { name: "Drain" }));
  const field = await screen.findByRole("textbox", { name: "Reason (optional)" });
  await user.type(field, "odd{Enter}");
  expect(await screen.findByText(error)).toBeDefined();
  expect(field.getAttribute("aria-invalid")).toBe("true");
  expect((field as HTMLInputElement).value).toBe("odd");
});

test("a runner that can't be resumed says why and stays drained", async () => {
  const daemon = new FakeDaemon();
  daemon.runners = [external({ drain: { since: NOW - 60 }, status: "offline" })];
  daemon.failOn("PATCH /v1/runners/r2", { status: 507, code: "disk_full", error: "the disk is full" });
  const { user } = openApp("/runners/r2", { daemon });
  await user.click(await screen.findByRole("button", { name: "Resume" }));
  expect(await screen.findByText("the disk is full")).toBeDefined();
  expect(screen.getByRole("button", { name: "Resume" }).getAttribute("aria-disabled")).toBeNull();
  expect(screen.getByText("Takes no new builds")).toBeDefined();
});

test("labels are added and taken away; the detected ones are only shown", async () => {
  const daemon = new FakeDaemon();
  daemon.runners = [external({ labels: ["big"] })];
  const { user, router, container } = openApp("/runners/r2", { daemon });
  const field = await screen.findByRole("textbox", { name: "Add labels" });
  await user.type(field, "pool:night,  fast{Enter}");
  await screen.findByRole("button", { name: "fast Remove" });
  expect(daemon.bodies.at(-1)).toEqual({ labels: ["big", "pool:night", "fast"] });
  expect((field as HTMLInputElement).value).toBe("");
  const detected = screen.getByRole("list", { name: "Detected" });
  expect(within(detected).getByText("os:linux")).toBeDefined();
  expect(within(detected).queryByRole("button")).toBeNull();

  await user.click(screen.getByRole("button", { name: "big Remove" }));
  await waitFor(() => expect(screen.queryByRole("button", { name: "big Remove" })).toBeNull());
  expect(daemon.bodies.at(-1)).toEqual({ labels: ["pool:night", "fast"] });
  expect(document.activeElement).toBe(field);
  expect(await axeFindings(container)).toEqual([]);

  await act(() => router.navigate({ to: "/runners" }));
  const labels = await screen.findByRole("list", { name: "Labels" });
  expect(
    within(labels)
      .getAllByRole("listitem")
      .map((item) => item.textContent),
  ).toEqual(["pool:night", "fast"]);
});

test("what makes no label is said at the field, in the daemon's words, and can be mended", async () => {
  const daemon = new FakeDaemon();
  const error = "'os:linux' follows from what a runner says of itself and can't be given to it";
  daemon.failOn("PATCH /v1/runners/r1", { status: 400, code: "invalid_labels", error });
  const { user } = openApp("/runners/r1", { daemon });
  const field = await screen.findByRole("textbox", { name: "Add labels" });
  await user.type(field, "{Enter}");
  expect(field.getAttribute("aria-invalid")).toBe("true");
  expect(daemon.bodies).toEqual([]);
  await user.type(field, "os:linux{Enter}");
  expect(await screen.findByText(error)).toBeDefined();
  expect((field as HTMLInputElement).value).toBe("os:linux");
  expect(document.activeElement).toBe(field);
});

test("a runner that holds a build can't be removed, and the daemon's reason is shown", async () => {
  const daemon = new FakeDaemon();
  daemon.runners = [external()];
  daemon.failOn("DELETE /v1/runners/r2", {
    status: 409,
    code: "runner_has_builds",
    error: "the runner holds a build",
  });
  const { user } = openApp("/runners/r2", { daemon });
  await user.click(await screen.findByRole("button", { name: "Remove" }));
  await user.click(within(await screen.findByRole("dialog")).getByRole("button", { name: "Remove" }));
  expect(await screen.findByText(/the runner holds a build/)).toBeDefined();
});

test("adding a runner: the command, the wait, the runner", async () => {
  const daemon = new FakeDaemon();
  const { user, container } = openApp("/runners", { daemon });
  await user.click(await screen.findByRole("link", { name: "Add a runner" }));
  await user.click(await screen.findByRole("button", { name: "Make the command" }));
  expect(
    await screen.findByText(/^oore runner register --daemon-url http.* --token oore_enrol_test$/),
  ).toBeDefined();
  expect(screen.getByText("Waiting for the machine. This changes by itself.")).toBeDefined();
  expect(await axeFindings(container)).toEqual([]);

  daemon.runners = [aRunner(), external({ status: "offline", created_at: NOW + 1 })];
  act(() => daemon.emit("runner", { runner_id: "r2", status: "offline" }));
  expect(await screen.findByText("mac mini is registered; it appears when it is started.")).toBeDefined();
  expect(screen.queryByText(/oore_enrol_test/)).toBeNull();

  daemon.runners = [aRunner(), external({ created_at: NOW + 1 })];
  act(() => daemon.emit("runner", { runner_id: "r2", status: "online" }));
  await user.click(await screen.findByRole("link", { name: "Show mac mini" }));
  await screen.findByRole("heading", { level: 1, name: "mac mini" });
});

test("however many runners there are, all can be reached, and the newest is seen when it comes", async () => {
  const daemon = new FakeDaemon();
  daemon.runners = Array.from({ length: 120 }, (_, at) => aRunner({ id: `r${at}`, name: `machine ${at}` }));
  const { user, router, unmount } = openApp("/runners", { daemon });
  expect(await screen.findByText("1–50 of 120")).toBeDefined();
  await user.click(screen.getByRole("button", { name: "Next" }));
  expect(await screen.findByRole("link", { name: "machine 99" })).toBeDefined();
  expect(router.state.location.search).toEqual({ offset: 50 });
  unmount();
  const other = openApp("/runners/new", { daemon });
  await other.user.click(await screen.findByRole("button", { name: "Make the command" }));
  await screen.findByText(/oore_enrol_test/);
  daemon.runners = [...daemon.runners, external({ id: "new", created_at: NOW + 1 })];
  act(() => daemon.emit("runner", { runner_id: "new", status: "online" }));
  expect(await screen.findByRole("link", { name: "Show mac mini" })).toBeDefined();
});

test("a runner that the mode leaves out is marked and says why", async () => {
  const daemon = new FakeDaemon();
  daemon.runners = [aRunner({ excluded_by_mode: true }), external({})];
  const { router } = openApp("/runners", { daemon });
  expect(await screen.findByText("Gets no builds")).toBeDefined();
  await act(() => router.navigate({ to: "/runners/$runnerId", params: { runnerId: aRunner().id } }));
  expect(await screen.findByText(/OORED_RUNNER_MODE=external/)).toBeDefined();
});

test("who may only look at runners finds no way to change them", async () => {
  const daemon = new FakeDaemon();
  daemon.capabilities = ["runners.read"];
  daemon.runners = [external({ labels: ["big"], drain: { since: NOW, reason: "new disk" } })];
  const { router } = openApp("/runners/r2", { daemon });
  await screen.findByRole("heading", { level: 1, name: "mac mini" });
  expect(screen.getByText("new disk")).toBeDefined();
  expect(within(screen.getByRole("list", { name: "Given" })).getByText("big")).toBeDefined();
  expect(screen.queryByRole("textbox", { name: "Add labels" })).toBeNull();
  expect(screen.queryByRole("button", { name: /big/ })).toBeNull();
  expect(screen.queryByRole("button", { name: "Resume" })).toBeNull();
  expect(screen.queryByRole("button", { name: "Rename" })).toBeNull();
  expect(screen.queryByRole("button", { name: "Remove" })).toBeNull();
  await act(() => router.navigate({ to: "/runners/new" }));
  expect(await screen.findByText(/don't have access/)).toBeDefined();
});

test("the address in the command is one that a runner takes", () => {
  expect(addressFor("http://localhost:8787")).toEqual({ url: "http://127.0.0.1:8787", problem: "here" });
  expect(addressFor("http://[::1]:8787")).toEqual({ url: "http://[::1]:8787", problem: "here" });
  expect(addressFor("https://ci.example.com/oore/")).toEqual({
    url: "https://ci.example.com/oore",
    problem: null,
  });
  expect(addressFor("http://10.0.0.7:8787")).toEqual({ url: "http://10.0.0.7:8787", problem: "exposed" });
});

test("the newcomer is mine, and was not there before", () => {
  const runners = [
    aRunner({ created_at: 0 }),
    external({ id: "old", created_at: 1 }),
    external({ id: "theirs", registered_by: "u2", created_at: 2 }),
    external({ id: "second", created_at: 4 }),
    external({ id: "first", created_at: 3 }),
  ];
  expect(newcomer(runners, new Set(["r1", "old"]), "u1")?.id).toBe("first");
  expect(newcomer(runners.slice(0, 3), new Set(["r1", "old"]), "u1")).toBeNull();
  // Came into the list because another was removed.
  expect(newcomer(runners.slice(0, 3), new Set(["theirs"]), "u1")).toBeNull();
});

test("what a machine can build is told in a few words, from whatever it says", () => {
  const capabilities = {
    os: "macos",
    tools: { fvm: "4.1.2", flutter: "3.35.1" },
    android: { sdk: "/sdk", platforms: ["android-35", "android-34"], build_tools: ["35.0.0", 7] },
    xcode: { installed: [{ version: "16.4" }, { version: "26.1" }, {}] },
  };
  const facts = factsOf(external({ capabilities }));
  expect(summaryOf(facts)).toEqual(["FVM 4.1.2", "Android 35", "Xcode 26.1"]);
  expect(facts.android?.buildTools).toEqual(["35.0.0"]);
  expect(summaryOf(factsOf(external({ capabilities: { android: 3, xcode: "no", tools: [] } })))).toEqual([]);
});
