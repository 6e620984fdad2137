/** A project from a repository of a code host, over the real route tree. */
import { expect, test } from "bun:test";
import { screen, waitFor, within } from "@testing-library/react";
import type { DetectedProject } from "@/api/types";
import { axeFindings, openApp } from "./app.tsx";
import { FakeDaemon } from "./fake/daemon.ts";
import { aSource, FakeHosts } from "./fake/sources.ts";
import { absent, button, heading, requests } from "./find.ts";

test("a project is made from a repository that was searched for over all sources", async () => {
  const daemon = new FakeHosts();
  daemon.projects = [];
  daemon.pipelines = [];
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
  expect(await screen.findByText(/Nothing of Flutter/)).toBeDefined();
  await user.click(await button("Create project"));
  await heading("courier");
  expect(daemon.bodies.at(-1)).toEqual({ name: "courier", repository_id: "r2" });
});

/** What the daemon suggests where the folders of its machine are looked through. */
function machineWith(...suggestions: { label: string; path: string }[]) {
  const daemon = new FakeDaemon();
  const folder = { current_path: "/home/ana", current_is_git_repository: false, directories: [] };
  daemon.more.push([/^GET \/v1\/integrations\/local-git\/directories$/, () => ({ ...folder, suggestions })]);
  return daemon;
}

test("the person's own folder is named in the page's language, other places as their folders are", async () => {
  const home = { label: "Home", path: "/home/ana" };
  const daemon = machineWith(home, { label: "Developer", path: "/home/ana/Developer" });
  const { unmount } = openApp("/projects/new", { daemon });
  await button("Home folder");
  expect(await button("Developer")).toBeDefined();
  expect(screen.queryByRole("button", { name: "Home" }) === null).toBe(true);
  unmount();
  const elsewhere = machineWith({ label: "Recent", path: "/srv/shop" }, { label: "Home", path: "/srv/Home" });
  openApp("/projects/new", { daemon: elsewhere });
  await button("Recent");
  expect(await button("Home")).toBeDefined();
});

const settings = (name: string) => ({
  name,
  execution_config: {
    platforms: ["android" as const],
    flutter_version: null,
    commands: { pre_build: [], build: ["cd apps/shop && flutter analyze"], post_build: [] },
    platform_build_args: { android: [], ios: [], macos: [] },
    platform_commands: { android: "cd apps/shop && flutter test", ios: null, macos: null },
    env: [],
    artifact_patterns: [],
  },
});

const DETECTED: DetectedProject = {
  provider: "github",
  branch: "main",
  commit_sha: "c".repeat(40),
  roots: [
    {
      path: "apps/shop",
      name: "shop",
      platforms: ["android", "ios"],
      flavors: [{ name: "dev", platforms: ["android"] }],
      flutter_version: "3.35.1",
      has_tests: true,
      has_integration_tests: false,
      is_example: false,
    },
    {
      path: "packages/ui",
      name: "ui",
      platforms: [],
      flavors: [],
      has_tests: false,
      has_integration_tests: false,
      is_example: false,
    },
  ],
  workflows: [
    { path: ".oore.yaml", valid: true, errors: [] },
    { path: ".oore/old.yaml", valid: false, errors: ["line 1: version: must be 1 or 2"] },
  ],
  proposals: [
    { suggested: true, pipeline: { name: "Main", config_path: ".oore.yaml", config_path_explicit: true } },
    {
      suggested: false,
      pipeline: { name: "old", config_path: ".oore/old.yaml", config_path_explicit: true },
    },
    { kind: "tests", root: "apps/shop", suggested: true, pipeline: settings("shop: Tests & analysis") },
    {
      kind: "android_debug",
      root: "apps/shop",
      flavor: "dev",
      suggested: false,
      pipeline: settings("shop: Debug APK (dev)"),
    },
    { kind: "tests", root: "packages/ui", suggested: false, pipeline: settings("ui: Tests & analysis") },
  ],
  problems: [{ path: "huge/pubspec.yaml", message: "it is larger than 128 KiB" }],
  truncated: true,
};

test("what a repository holds is shown by its roots, and what is chosen is made with the project", async () => {
  const daemon = new FakeHosts();
  daemon.projects = [];
  daemon.pipelines = [];
  daemon.detected = DETECTED;
  const { user, container } = openApp("/projects/new?q=shop", { daemon });
  await user.click(await button("Choose acme/shop"));
  const shop = within(await screen.findByRole("group", { name: "shop (apps/shop)" }));
  expect(shop.getByText("Android, iOS · Flavors dev · Flutter 3.35.1 · Has tests")).toBeDefined();
  expect(
    shop.getAllByText("cd apps/shop && flutter analyze · cd apps/shop && flutter test")[0],
  ).toBeDefined();
  expect(within(screen.getByRole("group", { name: "ui (packages/ui)" })).getByText("Package")).toBeDefined();
  expect(screen.getByText("line 1: version: must be 1 or 2")).toBeDefined();
  expect(screen.getByText("huge/pubspec.yaml: it is larger than 128 KiB")).toBeDefined();
  expect(screen.getByText("The repository holds more than was looked at.")).toBeDefined();
  expect(screen.getByText("2 pipelines are chosen.")).toBeDefined();
  expect(await axeFindings(container)).toEqual([]);
  await user.click(screen.getByRole("checkbox", { name: "Main" }));
  await user.click(screen.getByRole("checkbox", { name: "shop: Debug APK (dev)" }));
  await user.click(await button("Create project"));
  await heading("shop");
  expect(daemon.bodies.at(-1)).toEqual({
    name: "shop",
    repository_id: "r1",
    pipelines: [DETECTED.proposals[2]?.pipeline, DETECTED.proposals[3]?.pipeline],
  });
});

test("a project waits for what its branch holds, and is never made with another branch's pipelines", async () => {
  const daemon = new FakeHosts();
  daemon.projects = [];
  daemon.pipelines = [];
  const waiting: ((found: DetectedProject) => void)[] = [];
  daemon.more.push([
    /^POST \/v1\/projects\/detect$/,
    () => new Promise<DetectedProject>((resolve) => waiting.push(resolve)),
  ]);
  const { user } = openApp("/projects/new?q=shop", { daemon });
  await user.click(await button("Choose acme/shop"));
  await user.type(await screen.findByRole("textbox", { name: "Name" }), "!{Enter}");
  await waitFor(() => expect(waiting.length).toBe(1));
  await user.click(await button("Create project"));
  expect(screen.getAllByText(/is being looked at/).length).toBeGreaterThan(0);
  waiting[0]?.(DETECTED);
  await screen.findByText("2 pipelines are chosen.");
  await user.type(screen.getByRole("textbox", { name: "Default branch (optional)" }), "next{Enter}");
  await user.click(await button("Create project"));
  await waitFor(() => expect(waiting.length).toBe(2));
  await user.click(await button("Create project"));
  expect(requests(daemon, "POST /v1/projects").filter((line) => !line.endsWith("/detect"))).toEqual([]);
  const [main] = DETECTED.proposals;
  waiting[1]?.({ ...DETECTED, commit_sha: "d".repeat(40), proposals: main ? [main] : [] });
  await screen.findByText("One pipeline is chosen.");
  await user.click(await button("Create project"));
  await heading("shop!");
  expect(daemon.bodies.at(-1)).toMatchObject({ default_branch: "next", pipelines: [main?.pipeline] });
});

test("a repository that can't be looked at says why, and the project can still be made", async () => {
  const daemon = new FakeHosts();
  daemon.projects = [];
  daemon.failOn("POST /v1/projects/detect", {
    status: 409,
    code: "source_unresolvable",
    error: "the source does not work",
  });
  const { user } = openApp("/projects/new?q=shop", { daemon });
  await user.click(await button("Choose acme/shop"));
  expect(await screen.findByText("the source does not work")).toBeDefined();
  expect(screen.getByText(/can be created all the same/)).toBeDefined();
  await user.click(await button("Create project"));
  await heading("shop");
  expect(daemon.bodies.at(-1)).toEqual({ name: "shop", repository_id: "r1" });
});

test("when one of the pipelines is refused the page stays and says which", async () => {
  const daemon = new FakeHosts();
  daemon.projects = [];
  daemon.detected = DETECTED;
  const error = "pipelines[1]: name: must have 1 to 200 characters";
  daemon.failOn("POST /v1/projects", { status: 400, code: "invalid_input", error });
  const { user } = openApp("/projects/new?q=shop", { daemon });
  await user.click(await button("Choose acme/shop"));
  await screen.findByText("2 pipelines are chosen.");
  await user.click(await button("Create project"));
  expect(await screen.findByText(error)).toBeDefined();
  expect(screen.getByText("2 pipelines are chosen.")).toBeDefined();
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
