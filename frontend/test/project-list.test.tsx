/** The list of projects: how each goes on its default branch, which the list does not wait for. Over the real route tree. */
import { expect, test } from "bun:test";
import { screen, waitFor, within } from "@testing-library/react";
import { axeFindings, openApp } from "./app.tsx";
import { FakeDaemon } from "./fake/daemon.ts";
import { aBuild, aProject, healthOf } from "./fake/data.ts";
import { absent, button, requests } from "./find.ts";

function daemonOfTwo(): FakeDaemon {
  const daemon = new FakeDaemon();
  daemon.projects = [aProject(), aProject({ id: "p2", name: "Courier" })];
  daemon.builds = [aBuild(), aBuild({ id: "b2", build_number: 8, status: "failed" })];
  return daemon;
}

const row = async (name: string) => {
  const link = await screen.findByRole("link", { name });
  const item = link.closest("li");
  if (!item) throw new Error(`${name} is in no row`);
  return within(item);
};
const bars = "Last builds on main: 1 passed, 1 failed, 0 canceled";

test("each project shows how it goes on its default branch, in one request for all", async () => {
  const daemon = daemonOfTwo();
  daemon.projects.push(aProject({ id: "p3", name: "New app" }));
  daemon.more.push([
    /^GET \/v1\/projects\/health$/,
    () => ({
      projects: daemon.projects.map((project) => healthOf(project, project.id === "p3" ? [] : daemon.builds)),
    }),
  ]);
  const { container } = openApp("/projects", { daemon });
  const shop = await row("Shop app");
  expect(await shop.findByRole("img", { name: bars })).toBeDefined();
  expect(shop.getByText("75 % passed · usually 1 min 58 s")).toBeDefined();
  const last = shop.getByRole("link", { name: /Failed\s*#8/ });
  expect(last.getAttribute("href")).toBe("/builds/b2");
  expect((await row("New app")).getByText("Nothing was built on its branch yet.")).toBeDefined();
  expect(requests(daemon, "GET /v1/projects/health")).toEqual(["GET /v1/projects/health?ids=p1%2Cp2%2Cp3"]);
  expect(await axeFindings(container)).toEqual([]);
});

test("the list does not wait for how its projects go", async () => {
  const daemon = daemonOfTwo();
  const answer = Promise.withResolvers<unknown>();
  daemon.more.push([/^GET \/v1\/projects\/health$/, () => answer.promise]);
  const { container } = openApp("/projects", { daemon });
  await screen.findByRole("link", { name: "Courier" });
  expect(container.querySelectorAll("li [aria-busy=true]").length).toBe(2);
  expect(await axeFindings(container)).toEqual([]);
  answer.resolve({ projects: daemon.projects.map((project) => healthOf(project, daemon.builds)) });
  await waitFor(() => expect(screen.getAllByRole("img", { name: bars }).length).toBe(2));
  expect(container.querySelectorAll("li [aria-busy=true]").length).toBe(0);
});

test("rows are whole when it can't be read how they go, and another try brings it", async () => {
  const daemon = daemonOfTwo();
  daemon.failOn("GET /v1/projects/health", { status: 500, code: "store_error" });
  const { user, container } = openApp("/projects", { daemon });
  expect(await screen.findByText("How the projects go could not be read.")).toBeDefined();
  expect(screen.getByRole("link", { name: "Courier" })).toBeDefined();
  expect(screen.queryByText("Nothing was built on its branch yet.") === null).toBe(true);
  await waitFor(() => expect(container.querySelectorAll("li [aria-busy=true]").length).toBe(0));
  expect(await axeFindings(container)).toEqual([]);
  daemon.recover();
  await user.click(await button("Try again"));
  expect((await screen.findAllByRole("img", { name: bars })).length).toBe(2);
  await absent(() => screen.queryByText("How the projects go could not be read."));
});

test("a project of which nothing is known is not one that was never built", async () => {
  const daemon = daemonOfTwo();
  daemon.more.push([
    /^GET \/v1\/projects\/health$/,
    () => ({ projects: daemon.projects.slice(0, 1).map((project) => healthOf(project, daemon.builds)) }),
  ]);
  openApp("/projects", { daemon });
  await (await row("Shop app")).findByRole("img", { name: bars });
  const courier = await row("Courier");
  expect(courier.queryByRole("img") === null).toBe(true);
  expect(courier.queryByText("Nothing was built on its branch yet.") === null).toBe(true);
});

test("how projects go follows the builds, and another order asks for nothing anew", async () => {
  const daemon = daemonOfTwo();
  const { user, router } = openApp("/projects", { daemon });
  await screen.findAllByRole("img", { name: bars });
  await user.selectOptions(screen.getByRole("combobox", { name: "Sort by" }), "Name");
  await waitFor(() => expect(router.state.location.search).toEqual({ sort: "name:asc" }));
  await waitFor(() => expect(requests(daemon, "GET /v1/projects?sort=name").length).toBe(1));
  expect(requests(daemon, "GET /v1/projects/health").length).toBe(1);
  await waitFor(() => expect(daemon.openStreams).toBe(1));
  daemon.builds = [...daemon.builds, aBuild({ id: "b3", build_number: 9 })];
  daemon.emit("build", { build_id: "b3", status: "succeeded" });
  expect((await screen.findAllByRole("link", { name: /Passed\s*#9/ })).length).toBe(2);
});
