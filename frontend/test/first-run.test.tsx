/** The way to the first build on one page: apps that are found, what is made of them, what the machine lacks. */
import { expect, test } from "bun:test";
import { screen, waitFor, within } from "@testing-library/react";
import type { StartCheck } from "@/api/types";
import { axeFindings, openApp } from "./app.tsx";
import { FakeDaemon } from "./fake/daemon.ts";
import { aBuild, anApp, aPipeline, aProject } from "./fake/data.ts";
import { button, heading } from "./find.ts";

const JDK: StartCheck = {
  name: "jdk",
  status: "missing",
  what: "there is no JDK",
  fix: "sudo apt install openjdk-17-jdk",
  platforms: ["android"],
};
const XCODE: StartCheck = {
  name: "xcode",
  status: "missing",
  what: "Xcode is not there",
  fix: "Install Xcode from the App Store and open it once.",
  platforms: ["ios", "macos"],
};

function preparedDaemon(): FakeDaemon {
  const daemon = new FakeDaemon();
  const { execution_config } = aPipeline();
  daemon.apps = {
    apps: [
      anApp({ path: "/home/ana/dev/old", name: "old", project_id: "p1" }),
      anApp({ path: "/home/ana/dev/ui", name: "ui", roots: [{ path: "", name: "ui", is_app: false }] }),
      anApp(),
    ],
    searched: ["/home/ana/dev"],
    truncated: false,
  };
  daemon.detected = {
    ...daemon.detected,
    roots: [
      {
        path: "",
        name: "shop",
        platforms: ["android"],
        flavors: [],
        has_tests: true,
        has_integration_tests: false,
        is_example: false,
      },
    ],
    proposals: [
      {
        kind: "android_debug",
        root: "",
        suggested: true,
        pipeline: { name: "shop: Debug APK", execution_config },
      },
    ],
  };
  daemon.more.push([
    /^POST \/v1\/start$/,
    async (request) => {
      daemon.bodies.push(await request.json());
      daemon.builds = [aBuild({ status: "queued", started_at: null, finished_at: null })];
      return { project: aProject(), pipelines: [aPipeline()], build: daemon.builds[0] };
    },
  ]);
  return daemon;
}

test("on a prepared machine one click leads to a build", async () => {
  const daemon = preparedDaemon();
  const { user, container, router } = openApp("/start", { daemon });
  await heading("Build your app");
  const app = await screen.findByRole<HTMLInputElement>("radio", { name: "shop" });
  expect(app.checked).toBe(true);
  expect(screen.getByRole("link", { name: "Open project old" })).toBeDefined();
  await screen.findByText("Makes the project shop and builds shop: Debug APK.");
  expect(screen.getByText("Everything this target needs is here.")).toBeDefined();
  expect(await axeFindings(container)).toEqual([]);
  await user.click(await button("Build"));
  await waitFor(() => expect(router.state.location.pathname).toBe("/builds/b1"));
  expect(daemon.bodies.at(-1)).toMatchObject({
    local_repository_path: "/home/ana/dev/shop",
    name: "shop",
    pipelines: [{ name: "shop: Debug APK" }],
  });
});

test("what the target needs and the machine lacks stops it, until it is there", async () => {
  const daemon = preparedDaemon();
  daemon.start = { ...daemon.start, checks: [XCODE, JDK, ...daemon.start.checks] };
  const { user, container } = openApp("/start", { daemon });
  await screen.findByText("One thing is missing.");
  const checks = within(screen.getByRole("list", { name: "This machine" }));
  expect(checks.getByText("sudo apt install openjdk-17-jdk")).toBeDefined();
  expect(checks.getByText("not needed for this target")).toBeDefined();
  const go = await button("Build");
  expect(go.getAttribute("aria-disabled")).toBe("true");
  expect(screen.getByText("Needed first: there is no JDK.")).toBeDefined();
  await user.click(go);
  expect(daemon.seen).not.toContain("POST /v1/start");
  expect(await axeFindings(container)).toEqual([]);
  // The page looks again by itself.
  daemon.start = { ...daemon.start, checks: [XCODE] };
  await screen.findByText("Everything this target needs is here.");
  await waitFor(() =>
    expect(screen.getByRole("button", { name: "Build" }).getAttribute("aria-disabled")).toBeNull(),
  );
});

test("another app can be chosen, and stays chosen after a reload", async () => {
  const daemon = preparedDaemon();
  const first = openApp("/start", { daemon });
  await first.user.click(await screen.findByRole("radio", { name: "ui" }));
  await screen.findByText("Makes the project ui and builds shop: Debug APK.");
  first.unmount();
  openApp("/start", { daemon });
  const again = await screen.findByRole<HTMLInputElement>("radio", { name: "ui" });
  expect(again.checked).toBe(true);
});

test("without an app the page says where it looked and what to do", async () => {
  const daemon = preparedDaemon();
  daemon.apps = { apps: [], searched: ["/home/ana/dev"], truncated: false };
  const { container } = openApp("/start", { daemon });
  await screen.findByText("No Flutter app was found");
  expect(screen.getByText("Looked through /home/ana/dev.")).toBeDefined();
  expect(screen.getByRole("link", { name: "Choose another folder" })).toBeDefined();
  expect((await button("Build")).getAttribute("aria-disabled")).toBe("true");
  expect(await axeFindings(container)).toEqual([]);
});

test("a refusal stays on the page; a build that does not start leads to the project", async () => {
  const daemon = preparedDaemon();
  daemon.failOn("POST /v1/start", { status: 400, code: "invalid_repository", error: "it is gone" });
  const { user, router } = openApp("/start", { daemon });
  await screen.findByText("Makes the project shop and builds shop: Debug APK.");
  await user.click(await button("Build"));
  expect(await screen.findByText("it is gone")).toBeDefined();
  daemon.recover();
  daemon.more.unshift([
    /^POST \/v1\/start$/,
    () => ({
      project: aProject(),
      pipelines: [aPipeline()],
      problem: { code: "invalid_ref", error: "there is no branch" },
    }),
  ]);
  await user.click(await button("Build"));
  await waitFor(() => expect(router.state.location.pathname).toBe("/projects/p1"));
  expect(await screen.findByText(/its build did not start: there is no branch/)).toBeDefined();
});

test("apps that could not be looked for are an error of their own", async () => {
  const daemon = preparedDaemon();
  daemon.failOn("GET /v1/start/apps", { status: 400, code: "internal_error", error: "the disk hangs" });
  openApp("/start", { daemon });
  const alert = await screen.findByRole("alert");
  expect(alert.textContent).toContain("req-test-1");
  expect(screen.getByRole("region", { name: "This machine" })).toBeDefined();
});

test("elsewhere and for teams the page names the other way", async () => {
  const daemon = preparedDaemon();
  daemon.start = { ...daemon.start, place: "elsewhere" };
  const first = openApp("/start", { daemon });
  await screen.findByText(/You are on another machine/);
  expect(daemon.seen.filter((line) => line.includes("/start/apps"))).toEqual([]);
  first.unmount();
  daemon.start = { ...daemon.start, place: "remote_mode" };
  const team = openApp("/start", { daemon });
  await screen.findByText(/This instance is for a team/);
  expect(await axeFindings(team.container)).toEqual([]);
});

test("who may not make projects is led home", async () => {
  const daemon = preparedDaemon();
  daemon.capabilities = ["projects.read"];
  const { router } = openApp("/start", { daemon });
  await waitFor(() => expect(router.state.location.pathname).toBe("/"));
});
