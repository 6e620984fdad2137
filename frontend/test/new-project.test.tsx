/** A project from a repository of a code host, over the real route tree. */
import { expect, test } from "bun:test";
import { screen, waitFor, within } from "@testing-library/react";
import { axeFindings, openApp } from "./app.tsx";
import { aSource, FakeHosts } from "./fake/sources.ts";
import { absent, button, heading } from "./find.ts";

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
