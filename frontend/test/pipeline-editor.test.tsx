/** The pipeline editor around its form, in the mounted app: templates, the plan beside it, where the truth lies, and the look before saving. */
import { expect, test } from "bun:test";
import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import { axeFindings, openApp } from "./app";
import { FakeDaemon } from "./fake/daemon";
import { aBuild, aPipeline, aRunner } from "./fake/data";
import { absent, button, enter, heading, requests, savePipeline } from "./find";
// Loaded beforehand: a busy machine would take longer than a query waits.
import "@/features/pipelines/around";
import "@/features/pipelines/review-dialog";
import "@/features/pipelines/yaml-editor";

const NEW = "/projects/p1/pipelines/new";
const EDIT = "/projects/p1/pipelines/l1/edit";

const radio = (name: string) => screen.findByRole<HTMLInputElement>("radio", { name });
const box = (name: string | RegExp) => screen.findByRole<HTMLTextAreaElement>("textbox", { name });

test("a new pipeline begins blank, and a template fills it in, its name too", async () => {
  const { user, daemon, container } = openApp(NEW);
  expect((await radio("Custom")).checked).toBe(true);
  await user.click(await radio("iOS + Android"));
  expect((await box("Name")).value).toBe("iOS + Android");
  expect(screen.getByRole<HTMLInputElement>("checkbox", { name: "iOS" }).checked).toBe(true);
  expect((await box(/^Files to keep/)).value).toContain("build/ios/ipa/*.ipa");
  expect(await axeFindings(container)).toEqual([]);
  await user.click(await radio("Tests only"));
  expect((await box("Name")).value).toBe("Tests only");
  await user.click(await button("Create pipeline"));
  await heading("Tests only");
  expect(daemon.bodies.at(-1)).toMatchObject({
    name: "Tests only",
    execution_config: {
      platforms: ["android"],
      commands: { pre_build: ["flutter pub get", "flutter analyze"], build: [], post_build: [] },
      platform_commands: {
        android: 'flutter test --file-reporter "json:$OORE_REPORTS/tests.json"',
        ios: null,
      },
      artifact_patterns: [],
    },
  });
});

test("templates are chosen with the arrow keys, and a name of one's own stays", async () => {
  const { user } = openApp(NEW);
  await enter(user, await box("Name"), "Nightly");
  (await radio("Debug APK")).focus();
  await user.keyboard(" ");
  await user.keyboard("{ArrowDown}");
  expect((await radio("Release Android")).checked).toBe(true);
  expect((await box(/^Files to keep/)).value).toBe("build/app/outputs/bundle/**/*.aab");
  expect((await box("Name")).value).toBe("Nightly");
});

test("a template asks before it takes the place of what was typed", async () => {
  const { user, daemon } = openApp(NEW);
  await user.click(await radio("Debug APK"));
  const before = await box(/^Before the build/);
  await enter(user, before, "\n./prepare.sh");
  await user.click(await radio("iOS ad hoc"));
  const dialog = await screen.findByRole("dialog", { name: "Start again from iOS ad hoc?" });
  expect(await axeFindings(dialog)).toEqual([]);
  await user.click(within(dialog).getByRole("button", { name: "Cancel" }));
  await absent(() => screen.queryByRole("dialog"));
  expect((await radio("Debug APK")).checked).toBe(true);
  expect(before.value).toContain("./prepare.sh");
  await user.click(await radio("iOS ad hoc"));
  await user.click(await button("Replace my changes"));
  expect((await radio("iOS ad hoc")).checked).toBe(true);
  expect(before.value).toBe("flutter pub get");
  expect(requests(daemon, "POST /v1/projects")).toEqual([]);
  await user.click(await radio("Debug APK"));
  expect(screen.queryByRole("dialog") === null).toBe(true);
  expect((await radio("Debug APK")).checked).toBe(true);
});

test("a template fills the YAML too, and asks when that was changed, valid or not", async () => {
  const daemon = new FakeDaemon();
  const { user } = openApp(NEW, { daemon });
  await user.click(await button("YAML"));
  const text = await box("Settings as YAML");
  await user.click(await radio("Release Android"));
  await waitFor(() => expect(text.value).toContain("android: flutter build appbundle --release"));
  fireEvent.change(text, { target: { value: `${text.value}oops` } });
  await user.click(await radio("Tests only"));
  await user.click(await button("Replace my changes"));
  await waitFor(() => expect(text.value).toContain("flutter analyze"));
  expect(text.value).not.toContain("oops");
});

const plan = () => screen.findByRole("region", { name: "A build with these settings" });
const stepsOf = async () =>
  within(within(await plan()).getByRole("list", { name: "Steps" }))
    .getAllByRole("listitem")
    .map((item) => item.textContent);

test("the plan beside the form follows what is typed, and tells the usual time", async () => {
  const daemon = new FakeDaemon();
  daemon.builds = [60_000, 200_000, 90_000].map((run_ms, at) => aBuild({ id: `b${at}`, run_ms }));
  const { user, container } = openApp(EDIT, { daemon });
  expect(within(await plan()).getByText("Android")).toBeDefined();
  expect(await screen.findByText("about 1 min 30 s")).toBeDefined();
  expect(await axeFindings(container)).toEqual([]);
  expect(requests(daemon, "GET /v1/builds")).toEqual([
    "GET /v1/builds?pipeline_id=l1&status=succeeded&limit=10",
  ]);
  await enter(user, await box("After the build (optional)"), "./report.sh");
  await user.click(screen.getByRole("checkbox", { name: "iOS" }));
  expect(await stepsOf()).toEqual([
    "Fetches the commit.",
    "Gets Flutter ready.",
    "pre_build-1flutter pub get",
    "build-1flutter build apk",
    "build-2flutter build apk --release",
    "build-3flutter build ios --release --no-codesign",
    "post_build-1./report.sh",
    "Keeps the files that match.",
  ]);
});

test("the plan names the runners that fit now, and what the closest lacks if none does", async () => {
  const daemon = new FakeDaemon();
  daemon.runners = [aRunner(), aRunner({ id: "r2", name: "night", status: "offline", labels: ["big"] })];
  const { user } = openApp(EDIT, { daemon });
  const list = within(await plan()).findByRole("list", { name: "Runners now" });
  const rows = within(await list).getAllByRole("listitem");
  expect(rows.map((row) => row.textContent)).toEqual(["this-machineOnline", "nightOffline"]);
  const labels = await box(/^Runner labels/);
  await enter(user, labels, "Big");
  expect(await screen.findByText("Runners fit, but none takes builds now.")).toBeDefined();
  await user.click(screen.getByRole("checkbox", { name: "iOS" }));
  expect(await screen.findByText("No runner has all of it. The closest lacks os:macos.")).toBeDefined();
});

test("who may not see runners is not told of them, and a new pipeline has no time yet", async () => {
  const daemon = new FakeDaemon();
  daemon.capabilities = daemon.capabilities.filter((one) => one !== "runners.read");
  openApp(NEW, { daemon });
  expect(within(await plan()).getByText("Known once a build has passed.")).toBeDefined();
  expect(within(await plan()).queryByText("Runners now") === null).toBe(true);
  expect([...requests(daemon, "GET /v1/runners"), ...requests(daemon, "GET /v1/builds")]).toEqual([]);
});

test("in YAML the plan is of the last text without errors, of version 2 too", async () => {
  const daemon = new FakeDaemon();
  daemon.more.push([
    /^POST \/v1\/pipelines\/validate$/,
    async (request) => {
      const valid = !JSON.stringify(await request.json()).includes("oops");
      return { valid, errors: valid ? [] : ["oops"], diagnostics: valid ? [] : [{ message: "oops" }] };
    },
  ]);
  const { user } = openApp(EDIT, { daemon });
  await user.click(await button("YAML"));
  const text = await box("Settings as YAML");
  const two = "version: 2\nplatforms: [android]\nsteps:\n  - name: Lint\n    run: make lint\n";
  fireEvent.change(text, { target: { value: two } });
  expect(await screen.findByText("make lint")).toBeDefined();
  fireEvent.change(text, { target: { value: `${two}oops` } });
  expect(await screen.findByText("The YAML has errors: this is the plan from before.")).toBeDefined();
  expect(screen.getByText("make lint")).toBeDefined();
});

test("saving shows first what changes, of the YAML by lines and of the rest by name", async () => {
  const { user, daemon, router } = openApp(EDIT);
  await enter(user, await box("Name"), " 2");
  await enter(user, await box("Before the build (optional)"), "dart format .");
  await user.click(screen.getByRole("checkbox", { name: "Push" }));
  await user.click(await button("Save pipeline"));
  const dialog = await screen.findByRole("dialog", { name: "Save these changes?" });
  const rows = within(within(dialog).getByRole("table", { name: "Settings" })).getAllByRole("row");
  expect(rows.map((row) => row.textContent)).toEqual([
    "SettingWasBecomes",
    "NameAndroid releaseAndroid release 2",
    "Start a build onnonePush",
  ]);
  const lines = within(within(dialog).getByRole("region", { name: "What to build, as YAML" }));
  const changed = lines.getAllByRole("listitem").filter((line) => line.textContent.includes("Added:"));
  expect(changed.map((line) => line.textContent)).toEqual([
    "+Added:  pre_build:",
    "+Added:    - dart format .",
  ]);
  expect(await axeFindings(dialog)).toEqual([]);
  await user.click(within(dialog).getByRole("button", { name: "Go on editing" }));
  await absent(() => screen.queryByRole("dialog"));
  expect(requests(daemon, "PATCH")).toEqual([]);
  await savePipeline(user);
  await waitFor(() => expect(router.state.location.pathname).toBe("/projects/p1/pipelines/l1"));
  expect(daemon.bodies.at(-1)).toMatchObject({
    name: "Android release 2",
    trigger_config: { events: ["push"] },
    execution_config: { commands: { pre_build: ["dart format ."] } },
  });
});

test("who changed nothing is told so, and nothing is sent", async () => {
  const { user, daemon } = openApp(EDIT);
  await user.click(await button("Save pipeline"));
  const dialog = await screen.findByRole("dialog", { name: "Nothing to save" });
  expect(await axeFindings(dialog)).toEqual([]);
  await user.click(within(dialog).getAllByRole("button", { name: "Close" }).at(-1) as HTMLElement);
  await absent(() => screen.queryByRole("dialog"));
  expect(requests(daemon, "PATCH")).toEqual([]);
});

test("what the server would refuse is said at its field before anything is to be looked at", async () => {
  const daemon = new FakeDaemon();
  const error = "runner_labels: 'two words' is no label";
  const answer = { valid: false, errors: [error], diagnostics: [{ message: error }] };
  daemon.more.push([/^POST \/v1\/pipelines\/validate$/, () => answer]);
  const { user } = openApp(EDIT, { daemon });
  const labels = await box(/^Runner labels/);
  await enter(user, labels, "two words");
  await user.click(await button("Save pipeline"));
  expect(await screen.findByText("'two words' is no label")).toBeDefined();
  expect(document.activeElement === labels).toBe(true);
  expect(screen.queryByRole("dialog") === null).toBe(true);
  expect(requests(daemon, "PATCH")).toEqual([]);
});

test("what somebody else stored meanwhile is part of what saving changes", async () => {
  const { user, daemon, runtime } = openApp(EDIT);
  await enter(user, await box("Runner labels (optional)"), "big");
  daemon.pipelines = [aPipeline({ name: "Theirs", updated_at: 1 })];
  await runtime.queryClient.invalidateQueries({ queryKey: runtime.key("pipeline", "l1") });
  await user.click(await button("Keep mine"));
  await user.click(await button("Save pipeline"));
  const table = await screen.findByRole("table", { name: "Settings" });
  expect(within(table).getByRole("row", { name: "Name Theirs Android release" })).toBeDefined();
});

const file = (path: string, valid = true) => ({ path, valid, errors: [] });

test("the form says that builds follow it as long as the default branch has no file", async () => {
  const { user, container } = openApp(EDIT);
  expect(await screen.findByText("Stored here")).toBeDefined();
  expect(screen.getByText(/The default branch has no \.oore\.yaml yet/)).toBeDefined();
  expect(await axeFindings(container)).toEqual([]);
  const path = await box("Configuration file");
  await user.clear(path);
  await enter(user, path, "ci/build.yaml");
  expect(await screen.findByText("Stored here, unless the repository has ci/build.yaml")).toBeDefined();
});

test("the form says that builds follow the repository's file, and that one with errors stops them", async () => {
  const daemon = new FakeDaemon();
  daemon.repositoryFiles.workflows = [file(".oore.yml"), file(".oore/night.yaml", false)];
  const { user } = openApp(EDIT, { daemon });
  expect(await screen.findByText("Stored here")).toBeDefined();
  await user.click(await radio("Here"));
  expect(await screen.findByText("Stored in the repository at .oore.yml")).toBeDefined();
  await user.click(await radio("In the repository"));
  const path = await box("Configuration file");
  await user.clear(path);
  await enter(user, path, ".oore/night.yaml");
  expect(await screen.findByText(".oore/night.yaml in the repository has errors")).toBeDefined();
});

test("when the code host does not answer both possibilities are said", async () => {
  const daemon = new FakeDaemon();
  daemon.failOn("GET /v1/projects/p1/repository-workflows", { status: 502, code: "github_api_error" });
  openApp(NEW, { daemon });
  expect(await screen.findByText(/could not be looked up/)).toBeDefined();
  expect(screen.getByText("Stored here, unless the repository has .oore.yaml")).toBeDefined();
});
