/** Pausing what starts builds, with a reason, and the notice that says so on the pages where people wait. */
import { expect, test } from "bun:test";
import { act, screen, waitFor, waitForElementToBeRemoved } from "@testing-library/react";
import { axeFindings, openApp } from "./app.tsx";
import { FakeTeam } from "./fake/people.ts";

test("building is paused with a reason, said where people wait, and resumed by the same button", async () => {
  const daemon = new FakeTeam();
  const { user, router, container } = openApp("/settings/general", { daemon });
  await user.click(await screen.findByRole("button", { name: "Pause building" }));
  await user.type(await screen.findByRole("textbox", { name: "Reason (optional)" }), "new disk{Enter}");
  const resume = await screen.findByRole("button", { name: "Resume building" });
  expect(daemon.bodies.at(-1)).toEqual({
    key_storage_mode: "file",
    direct_macos_runner_paused: true,
    pause_reason: "new disk",
  });
  await waitFor(() => expect(document.activeElement).toBe(resume));
  expect(await axeFindings(container)).toEqual([]);

  for (const to of ["/", "/builds", "/runners"] as const) {
    await act(() => router.navigate({ to }));
    expect(await screen.findByText("Building is paused")).toBeDefined();
    expect(screen.getByText("new disk")).toBeDefined();
  }

  await act(() => router.navigate({ to: "/settings/general" }));
  await user.click(await screen.findByRole("button", { name: "Resume building" }));
  expect(await screen.findByText("Builds start as soon as a runner takes them.")).toBeDefined();
  await act(() => router.navigate({ to: "/runners" }));
  await screen.findByRole("list", { name: "Runners" });
  await waitFor(() => expect(screen.queryByText("Building is paused")).toBeNull());
});

test("without a reason nothing is made up, and a refusal stays in the dialog", async () => {
  const daemon = new FakeTeam();
  const { user } = openApp("/settings/general", { daemon });
  await user.click(await screen.findByRole("button", { name: "Pause building" }));
  daemon.failOn("PUT /v1/settings/preferences", { status: 500, code: "store_error", error: "no disk" });
  const field = await screen.findByRole("textbox", { name: "Reason (optional)" });
  await user.type(field, "{Enter}");
  expect(await screen.findByText("no disk")).toBeDefined();
  daemon.recover();
  await user.type(field, "{Enter}");
  await screen.findByRole("button", { name: "Resume building" });
  expect(daemon.bodies.at(-1)).not.toHaveProperty("pause_reason");
  expect(screen.getByText("New builds wait in the queue. Builds that are running go on.")).toBeDefined();
});

test("a pause made elsewhere shows on the next page", async () => {
  const daemon = new FakeTeam();
  const { router } = openApp("/runners", { daemon });
  await screen.findByRole("list", { name: "Runners" });
  daemon.preferences = { ...daemon.preferences, direct_macos_runner_paused: true, pause_reason: "night" };
  await act(() => router.navigate({ to: "/builds" }));
  expect(await screen.findByText("night")).toBeDefined();
});

test("a pause made elsewhere shows on a page that is open, and goes again", async () => {
  const daemon = new FakeTeam();
  openApp("/runners", { daemon });
  await screen.findByRole("list", { name: "Runners" });
  await waitFor(() => expect(daemon.openStreams).toBe(1));
  const { preferences } = daemon;
  daemon.preferences = { ...preferences, direct_macos_runner_paused: true, pause_reason: "night" };
  daemon.emit("preferences", {});
  expect(await screen.findByText("night")).toBeDefined();
  daemon.preferences = preferences;
  daemon.emit("preferences", {});
  await waitForElementToBeRemoved(() => screen.queryByText("night"));
});

test("who may not see the settings is not asked for them, and who may not change them only reads", async () => {
  const daemon = new FakeTeam();
  daemon.preferences = { ...daemon.preferences, direct_macos_runner_paused: true };
  daemon.capabilities = ["runners.read"];
  const { router, runtime } = openApp("/runners", { daemon });
  await screen.findByRole("list", { name: "Runners" });
  expect(daemon.seen.filter((line) => line.includes("preferences"))).toEqual([]);
  daemon.capabilities = ["instance_settings.read"];
  await act(() => runtime.queryClient.invalidateQueries({ queryKey: runtime.key("bootstrap") }));
  await act(() => router.navigate({ to: "/settings/general" }));
  expect(await screen.findByText("Building is paused")).toBeDefined();
  expect(screen.queryByRole("button", { name: "Resume building" })).toBeNull();
});
