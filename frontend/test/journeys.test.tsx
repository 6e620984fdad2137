/** Things that people do from end to end: sign in, create, run, save, lose the session. */
import { expect, test } from "bun:test";
import { act, screen, waitFor } from "@testing-library/react";
import { SessionKeeper } from "@/lib/instances/session";
import { axeFindings, openApp } from "./app.tsx";
import { FakeDaemon } from "./fake/daemon.ts";
import { aPipeline } from "./fake/data.ts";
import { requests, savePipeline } from "./find.ts";

test("local mode signs in by itself and goes where the person wanted to go", async () => {
  const { runtime } = openApp("/projects?q=shop", { as: "stranger" });
  expect(await screen.findByRole("heading", { level: 1, name: "Projects" })).toBeDefined();
  expect(runtime.session.token()).toBe("oore_session_test");
  expect(JSON.stringify(localStorage)).not.toContain("oore_session_test");
});

test("a refused sign-in says what to do", async () => {
  const daemon = new FakeDaemon();
  daemon.failOn("POST /v1/auth/local/login", { status: 403, code: "local_login_loopback_required" });
  const { container } = openApp("/", { as: "stranger", daemon });
  expect(await screen.findByText(/only on the machine that runs the daemon/)).toBeDefined();
  expect(await axeFindings(container)).toEqual([]);
});

test("a new project takes a folder and is made with the pipeline found in it", async () => {
  const daemon = new FakeDaemon();
  daemon.pipelines = [];
  const file = { name: "Main", config_path: ".oore.yaml", config_path_explicit: true };
  daemon.detected.workflows = [{ path: ".oore.yaml", valid: true, errors: [] }];
  daemon.detected.proposals = [{ suggested: true, pipeline: file }];
  const { user, container } = openApp("/projects/new", { daemon });
  await user.click(await screen.findByRole("button", { name: /shop/ }));
  const name = screen.getByRole("textbox", { name: "Name" }) as HTMLInputElement;
  expect(name.value).toBe("shop");
  expect(await screen.findByText("One pipeline is chosen.")).toBeDefined();
  expect(await axeFindings(container)).toEqual([]);
  await user.click(screen.getByRole("button", { name: "Create project" }));
  await screen.findByRole("heading", { level: 1, name: "shop" });
  const place = { local_repository_path: "/home/ana/shop" };
  expect(daemon.bodies.at(-1)).toEqual({ name: "shop", ...place, pipelines: [file] });
});

test("whoever is in the path keeps its text when a folder arrives", async () => {
  const daemon = new FakeDaemon();
  const first = Promise.withResolvers<void>();
  daemon.more.push([
    /^GET \/v1\/integrations\/local-git\/directories$/,
    async (request) => {
      const path = new URL(request.url).searchParams.get("path");
      if (!path) await first.promise;
      const current_path = path ?? "/home/ana";
      return { current_path, current_is_git_repository: path !== null, directories: [], suggestions: [] };
    },
  ]);
  const { user } = openApp("/projects/new", { daemon });
  const path = (await screen.findByRole("textbox", { name: "Path" })) as HTMLInputElement;
  await user.click(path);
  first.resolve();
  await screen.findByRole("list", { name: "/home/ana" });
  expect(path.isConnected && path.value).toBe("");
  await user.type(path, "/srv/shop");
  await user.click(screen.getByRole("button", { name: "Go" }));
  await screen.findByRole("list", { name: "/srv/shop" });
  await user.click(screen.getByRole("button", { name: "Use this folder" }));
  expect((screen.getByRole("textbox", { name: "Name" }) as HTMLInputElement).value).toBe("shop");
});

test("a folder that is still being read cannot be taken for the one before", async () => {
  const daemon = new FakeDaemon();
  const next = Promise.withResolvers<void>();
  daemon.more.push([
    /^GET \/v1\/integrations\/local-git\/directories$/,
    async (request) => {
      const path = new URL(request.url).searchParams.get("path");
      if (path) await next.promise;
      return {
        current_path: path ?? "/home/ana",
        current_is_git_repository: true,
        directories: [],
        suggestions: [],
      };
    },
  ]);
  const { user } = openApp("/projects/new", { daemon });
  await screen.findByRole("list", { name: "/home/ana" });
  const path = screen.getByRole("textbox", { name: "Path" }) as HTMLInputElement;
  await user.clear(path);
  await user.type(path, "/srv/shop{Enter}");
  expect(path.value).toBe("/srv/shop");
  await user.click(screen.getByRole("button", { name: "Use this folder" }));
  expect(screen.queryByRole("textbox", { name: "Name" })).toBeNull();
  next.resolve();
  await screen.findByRole("list", { name: "/srv/shop" });
  expect(path.value).toBe("/srv/shop");
});

test("a pipeline runs from the project page with a branch", async () => {
  const { user, daemon } = openApp("/projects/p1");
  await user.click(await screen.findByRole("button", { name: "Run Android release" }));
  const dialog = await screen.findByRole("dialog", { name: "Run Android release" });
  expect(await axeFindings(dialog)).toEqual([]);
  await user.type(screen.getByRole("textbox", { name: /Branch/ }), "release/2");
  await user.click(screen.getByRole("button", { name: "Run build" }));
  expect(await screen.findByText("Build #1 queued")).toBeDefined();
  expect(daemon.bodies).toEqual([{ pipeline_id: "l1", branch: "release/2" }]);
});

test("inputs of a file stay when a branch is refused, and a box that nobody touched says no", async () => {
  const daemon = new FakeDaemon();
  daemon.inputs = [
    { name: "notes", type: "string", required: true },
    { name: "signed", type: "boolean", required: true },
  ];
  const { user } = openApp("/projects/p1", { daemon });
  await user.click(await screen.findByRole("button", { name: "Run Android release" }));
  await user.type(await screen.findByRole("textbox", { name: "notes" }), "x");
  daemon.failOn("GET /v1/pipelines/l1/inputs", { status: 400, code: "invalid_ref", error: "no such branch" });
  await user.type(screen.getByRole("textbox", { name: /Branch/ }), "gone");
  expect(await screen.findByText("no such branch")).toBeDefined();
  expect(screen.getByRole<HTMLInputElement>("textbox", { name: "notes" }).value).toBe("x");
  await user.click(screen.getByRole("button", { name: "Run build" }));
  const body = { pipeline_id: "l1", branch: "gone", inputs: { notes: "x", signed: "false" } };
  await waitFor(() => expect(daemon.bodies).toEqual([body]));
});

test("of a matrix one picks what is built, and sees how many builds that makes", async () => {
  const daemon = new FakeDaemon();
  daemon.platforms = ["android", "ios"];
  daemon.matrix = {
    axes: [
      { name: "flavor", values: ["dev", "prod"] },
      { name: "platform", values: ["android", "ios"] },
    ],
    combinations: [
      { flavor: "dev", platform: "android" },
      { flavor: "prod", platform: "android" },
      { flavor: "prod", platform: "ios" },
    ],
  };
  const { user } = openApp("/projects/p1", { daemon });
  await user.click(await screen.findByRole("button", { name: "Run Android release" }));
  const dialog = await screen.findByRole("dialog", { name: "Run Android release" });
  expect(await screen.findByText("Starts 3 builds, one for each combination of the matrix.")).toBeDefined();
  expect(await axeFindings(dialog)).toEqual([]);
  await user.click(screen.getByRole("checkbox", { name: "dev" }));
  expect(screen.getByText("Starts 2 builds, one for each combination of the matrix.")).toBeDefined();
  await user.click(screen.getByRole("checkbox", { name: "iOS" }));
  expect(screen.getByText("Starts one build of the matrix.")).toBeDefined();
  await user.type(screen.getByRole("textbox", { name: /Branch/ }), "next");
  const asked = () => daemon.seen.some((one) => one.includes("/inputs?branch=next"));
  await waitFor(() => expect(asked()).toBe(true));
  await waitFor(() =>
    expect(screen.getByRole<HTMLInputElement>("checkbox", { name: "dev" }).checked).toBe(false),
  );
  daemon.failOn("POST /v1/projects/p1/builds", {
    status: 400,
    code: "invalid_matrix",
    fields: [{ field: "matrix.flavor", message: "there is no such flavor" }],
  });
  await user.click(screen.getByRole("button", { name: "Run build" }));
  expect(await screen.findByText("there is no such flavor")).toBeDefined();
  expect(screen.getByRole("checkbox", { name: "prod" }).getAttribute("aria-invalid")).toBe("true");
  expect(screen.getByText("Starts one build of the matrix.")).toBeDefined();
  await user.click(screen.getByRole("checkbox", { name: "dev" }));
  expect(screen.queryAllByText("there is no such flavor").length).toBe(0);
  await user.click(screen.getByRole("checkbox", { name: "dev" }));
  daemon.recover();
  await user.click(screen.getByRole("button", { name: "Run build" }));
  const body = { pipeline_id: "l1", branch: "next", platforms: ["android"], matrix: { flavor: ["prod"] } };
  await waitFor(() => expect(daemon.bodies).toEqual([body]));
});

test("a run on no platform is refused where they are ticked", async () => {
  const daemon = new FakeDaemon();
  daemon.platforms = ["android", "ios"];
  const message = "must be some of the pipeline's platforms, each once";
  const fields = [{ field: "platforms", message }];
  daemon.failOn("POST /v1/projects/p1/builds", { status: 400, code: "invalid_input", fields });
  const { user } = openApp("/projects/p1", { daemon });
  await user.click(await screen.findByRole("button", { name: "Run Android release" }));
  for (const name of ["Android", "iOS"]) await user.click(await screen.findByRole("checkbox", { name }));
  await user.click(screen.getByRole("button", { name: "Run build" }));
  expect(await screen.findByText(message)).toBeDefined();
});

test("the run dialog says that the pipeline's file has errors at the commit, and what they are", async () => {
  const daemon = new FakeDaemon();
  const error = "line 3, column 1: stpes: unknown key; did you mean 'steps'?";
  const found = { line: 3, column: 1, message: "stpes: unknown key", hint: "did you mean 'steps'?" };
  daemon.problems = { path: ".oore.yaml", diagnostics: [found] };
  const { user } = openApp("/projects/p1", { daemon });
  await user.click(await screen.findByRole("button", { name: "Run Android release" }));
  expect(await screen.findByText(error)).toBeDefined();
  expect(screen.getByText(".oore.yaml has errors at this commit: a build of it will fail")).toBeDefined();
  expect(daemon.seen.filter((one) => one.includes("repository-workflows"))).toEqual([]);
  expect(await axeFindings(screen.getByRole("dialog"))).toEqual([]);
});

test("the server's field errors appear at their fields and the first gets the focus", async () => {
  const daemon = new FakeDaemon();
  const { user, container } = openApp("/projects/p1/pipelines/new", { daemon });
  const name = await screen.findByRole("textbox", { name: "Name" });
  await user.type(name, "Nightly");
  daemon.failOn("POST /v1/projects/p1/pipelines", {
    status: 400,
    code: "invalid_execution_config",
    error: "execution settings are invalid",
    fields: [{ field: "execution_config.flutter_version", message: "is not a version" }],
  });
  await user.click(screen.getByRole("button", { name: "Create pipeline" }));
  expect(await screen.findByText("is not a version")).toBeDefined();
  expect(document.activeElement).toBe(screen.getByRole("textbox", { name: /Flutter version/ }));
  expect(await axeFindings(container)).toEqual([]);
});

test("a pipeline asks for runners by label; a word that is none is said at the field", async () => {
  const daemon = new FakeDaemon();
  const error = "'two words' is no label";
  daemon.failOn("PATCH /v1/pipelines/l1", {
    status: 400,
    code: "invalid_labels",
    error,
    fields: [{ field: "runner_labels", message: error }],
  });
  const { user, router } = openApp("/projects/p1/pipelines/l1/edit", { daemon });
  const field = await screen.findByRole("textbox", { name: /^Runner labels/ });
  await user.type(field, "two words");
  await savePipeline(user);
  expect(await screen.findByText(error)).toBeDefined();
  expect(document.activeElement).toBe(field);
  daemon.recover();
  await user.clear(field);
  await user.type(field, "big{Enter}pool:night");
  await savePipeline(user);
  await waitFor(() => expect(router.state.location.pathname).toBe("/projects/p1/pipelines/l1"));
  expect(daemon.bodies.at(-1)).toMatchObject({ runner_labels: ["big", "pool:night"] });
  expect(await screen.findByText("pool:night")).toBeDefined();
});

test("an edited pipeline keeps what the form does not show differently", async () => {
  const { user, daemon, router } = openApp("/projects/p1/pipelines/l1/edit");
  const name = await screen.findByRole("textbox", { name: "Name" });
  await user.clear(name);
  await user.type(name, "Android nightly");
  await savePipeline(user);
  await waitFor(() => expect(router.state.location.pathname).toBe("/projects/p1/pipelines/l1"));
  expect(daemon.bodies.at(-1)).toEqual({
    name: "Android nightly",
    config_path: ".oore.yaml",
    config_path_explicit: true,
    enabled: true,
    execution_config: {
      platforms: ["android"],
      flutter_version: null,
      commands: { pre_build: [], build: ["flutter build apk"], post_build: [] },
      platform_build_args: { android: [], ios: [], macos: [] },
      platform_commands: { android: null, ios: null, macos: null },
      env: [{ key: "FLAVOR", value: "demo" }],
      artifact_patterns: ["build/app/outputs/flutter-apk/*.apk"],
    },
    trigger_config: { events: [], branches: [], tags: [], paths: [], paths_ignore: [], schedule: [] },
    concurrency: { cancel_previous: false, max_concurrent: null },
    runner_labels: [],
  });
});

test("going on from one edited pipeline to another shows and saves the other one", async () => {
  const daemon = new FakeDaemon();
  daemon.pipelines = [aPipeline(), aPipeline({ id: "l2", name: "iOS beta" })];
  const edit = (id: string) => `/projects/p1/pipelines/${id}/edit`;
  const { user, router } = openApp(edit("l2"), { daemon });
  const name = () => screen.findByRole<HTMLInputElement>("textbox", { name: "Name" });
  await waitFor(async () => expect((await name()).value).toBe("iOS beta"));
  await act(() => router.navigate({ to: edit("l1") }));
  await waitFor(async () => expect((await name()).value).toBe("Android release"));
  act(() => router.history.back());
  await waitFor(async () => expect((await name()).value).toBe("iOS beta"));
  await user.type(await name(), "!");
  await savePipeline(user);
  await waitFor(() => expect(requests(daemon, "PATCH")).toEqual(["PATCH /v1/pipelines/l2"]));
});

test("a session that ends keeps what was typed and repeats the action after signing in again", async () => {
  const { user, daemon } = openApp("/projects/p1/settings");
  const name = await screen.findByRole("textbox", { name: "Name" });
  await user.clear(name);
  await user.type(name, "Shop two");
  daemon.token = "oore_session_second";
  await user.click(screen.getByRole("button", { name: "Save" }));
  await user.click(await screen.findByRole("button", { name: "Sign in again" }));
  expect(await screen.findByText("Project saved")).toBeDefined();
  expect(daemon.projects[0]?.name).toBe("Shop two");
});

test("deleting a project names what goes and needs its name typed", async () => {
  const { user, daemon } = openApp("/projects/p1/settings");
  await user.click(await screen.findByRole("button", { name: "Delete project" }));
  const dialog = await screen.findByRole("dialog", { name: "Delete Shop app?" });
  expect(await axeFindings(dialog)).toEqual([]);
  expect(screen.getByText("1 pipeline with their settings")).toBeDefined();
  const confirm = screen.getAllByRole("button", { name: "Delete project" }).at(-1);
  if (confirm) await user.click(confirm);
  expect(daemon.seen).not.toContain("DELETE /v1/projects/p1");
  await user.type(screen.getByRole("textbox", { name: "Type Shop app to confirm" }), "Shop app");
  if (confirm) await user.click(confirm);
  await waitFor(() => expect(daemon.seen).toContain("DELETE /v1/projects/p1"));
});

test("signing out in another tab ends this one's view too", async () => {
  const { runtime, router } = openApp("/projects");
  await screen.findByRole("link", { name: "Shop app" });
  const other = new SessionKeeper(runtime.instance.id);
  other.end();
  await waitFor(() => expect(router.state.location.pathname).toBe("/login"));
  expect(await screen.findByText("You are signed out.")).toBeDefined();
  other.close();
});
