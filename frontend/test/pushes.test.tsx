/** How pushes are heard of, in the settings of a project over the real route tree. */
import { expect, test } from "bun:test";
import { screen, waitFor, within } from "@testing-library/react";
import type { ProjectDetail } from "@/api/types";
import { axeFindings, openApp } from "./app.tsx";
import { FakeDaemon } from "./fake/daemon.ts";
import { aProject, NOW } from "./fake/data.ts";

function daemonWith(provider: "github" | "local_git", pushes: ProjectDetail["pushes"]): FakeDaemon {
  const daemon = new FakeDaemon();
  const project = aProject({ repository_provider: provider });
  const detail: ProjectDetail = {
    project,
    pipeline_count: 1,
    build_count: 0,
    current_user_role: "maintainer",
    pushes,
  };
  daemon.more.push([/^GET \/v1\/projects\/p1$/, () => detail]);
  daemon.more.push([
    /^PATCH \/v1\/projects\/p1$/,
    async (request) => {
      daemon.bodies.push(await request.json());
      return { project };
    },
  ]);
  return daemon;
}

test("settings say when a webhook came and how often the repository is looked at, and change that", async () => {
  const pushes = {
    webhook_at: NOW - 7200,
    looked_every: 3600,
    looked_at: NOW - 60,
    problem: "GitHub is away",
  };
  const daemon = daemonWith("github", pushes);
  const { container, user } = openApp("/projects/p1/settings", { daemon });
  expect(await screen.findByText("Last webhook")).toBeDefined();
  expect(screen.getByText("GitHub is away")).toBeDefined();
  expect(await axeFindings(container)).toEqual([]);
  await user.selectOptions(screen.getByLabelText("Look for pushes"), "Every minute");
  await waitFor(() => expect(daemon.bodies).toEqual([{ polling: "on" }]));
});

test("a folder has no webhooks, and is looked at or not", async () => {
  openApp("/projects/p1/settings", { daemon: daemonWith("local_git", { looked_every: 2 }) });
  const choice = await screen.findByLabelText("Look for pushes");
  const names = within(choice)
    .getAllByRole("option")
    .map((option) => option.textContent);
  expect(names).toEqual(["All the time", "Never"]);
  expect(screen.queryByText("Last webhook")).toBeNull();
});
