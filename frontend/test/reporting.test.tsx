/** What others see of a project's builds, over the real route tree. */
import { expect, test } from "bun:test";
import { screen, waitFor } from "@testing-library/react";
import { axeFindings, openApp } from "./app.tsx";
import { FakeDaemon } from "./fake/daemon.ts";
import { aProject } from "./fake/data.ts";

const page = (daemon: FakeDaemon) => openApp("/projects/p1/settings", { daemon });
const choice = (name: string) => screen.findByRole<HTMLInputElement>("switch", { name });

test("a project says what its code host is shown, and each choice is saved at once", async () => {
  const daemon = new FakeDaemon();
  daemon.projects = [aProject({ repository_provider: "github" })];
  const { user, container } = page(daemon);
  const statuses = await choice("Checks at the code host");
  expect(statuses.checked).toBe(true);
  await user.click(statuses);
  await waitFor(() => expect(daemon.bodies).toContainEqual({ report_statuses: false }));
  await waitFor(async () => expect((await choice("Checks at the code host")).checked).toBe(false));
  await user.click(await choice("A comment on pull and merge requests"));
  await waitFor(() => expect(daemon.bodies).toContainEqual({ report_comment: false }));
  expect(await axeFindings(container)).toEqual([]);
});

test("what is being entered stays when a choice is made", async () => {
  const daemon = new FakeDaemon();
  const { user } = page(daemon);
  const name = await screen.findByRole<HTMLInputElement>("textbox", { name: "Name" });
  await user.clear(name);
  await user.type(name, "Other");
  await user.click(await choice("Public badge"));
  await waitFor(() => expect(daemon.bodies).toContainEqual({ public_badge: true }));
  expect(await screen.findByText("Saved")).toBeDefined();
  expect(screen.getByRole<HTMLInputElement>("textbox", { name: "Name" }).value).toBe("Other");
});

test("a public badge comes with its Markdown, and a local project has nothing else to show", async () => {
  const daemon = new FakeDaemon();
  daemon.projects = [aProject({ public_badge: true })];
  page(daemon);
  await choice("Public badge");
  expect(screen.queryByRole("switch", { name: "Checks at the code host" })).toBeNull();
  expect(await screen.findByText(/^!\[build\]\(http.*\/v1\/projects\/p1\/badge\.svg\)$/)).toBeTruthy();
});
