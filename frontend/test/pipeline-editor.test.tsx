/** The pipeline editor around its form, in the mounted app: templates, the plan beside it, where the truth lies, and the look before saving. */
import { expect, test } from "bun:test";
import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import type { PipelinePlan } from "@/api/types";
import { axeFindings, openApp } from "./app";
import { FakeDaemon, type Handler } from "./fake/daemon";
import { aPipeline, aPlan } from "./fake/data";
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

const VALIDATE = /^POST \/v1\/pipelines\/validate$/;
const CHECK = "POST /v1/pipelines/validate";

const accepted = (plan: PipelinePlan) => ({ valid: true, errors: [], diagnostics: [], plan });

/** Answers as the server does: what has the word is not valid and has no plan. */
function refusing(word: string, plan: PipelinePlan): Handler {
  return async (request) => {
    if (!JSON.stringify(await request.json()).includes(word)) return accepted(plan);
    return { valid: false, errors: [word], diagnostics: [{ message: word }] };
  };
}

test("the plan beside the form is the server's, of what is typed, and tells the usual time", async () => {
  const daemon = new FakeDaemon();
  daemon.plan = aPlan({ usual_ms: 90_000 });
  const asked: unknown[] = [];
  daemon.more.push([
    VALIDATE,
    async (request) => {
      asked.push(await request.json());
      return accepted(daemon.plan);
    },
  ]);
  const { user, container } = openApp(EDIT, { daemon });
  expect(within(await plan()).getByText("Android")).toBeDefined();
  expect(screen.getByText("about 1 min 30 s")).toBeDefined();
  expect(await axeFindings(container)).toEqual([]);
  expect(asked).toMatchObject([{ pipeline_id: "l1", runner_labels: [] }]);
  daemon.plan = aPlan({
    steps: [{ name: "checkout" }, { name: "post_build-1", command: "./report.sh", condition: "always()" }],
  });
  await enter(user, await box("After the build (optional)"), "./report.sh");
  await enter(user, await box(/^Runner labels/), "big");
  await waitFor(async () =>
    expect(await stepsOf()).toEqual(["Fetches the commit.", "post_build-1./report.shif always()"]),
  );
  expect(asked.at(-1)).toMatchObject({
    pipeline_id: "l1",
    runner_labels: ["big"],
    execution_config: { commands: { post_build: ["./report.sh"] } },
  });
});

test("the page of an edited pipeline makes four calls of its own, and saving asks nothing twice", async () => {
  const { user, daemon } = openApp(EDIT);
  await plan();
  await screen.findByText("Stored here");
  // What stands around every page asks for these.
  const around = /\/v1\/(bootstrap|events|operator-incidents)/;
  expect(daemon.seen.filter((line) => !around.test(line)).toSorted()).toEqual([
    "GET /v1/pipelines/l1",
    "GET /v1/projects/p1",
    "GET /v1/projects/p1/repository-workflows",
    CHECK,
  ]);
  await user.click(await button("Save pipeline"));
  await screen.findByRole("dialog", { name: "Nothing to save" });
  expect(requests(daemon, CHECK)).toEqual([CHECK]);
});

test("while the server looks at a change the plan from before is there", async () => {
  const daemon = new FakeDaemon();
  const { user } = openApp(EDIT, { daemon });
  await plan();
  const answer = Promise.withResolvers<unknown>();
  daemon.more.push([VALIDATE, () => answer.promise]);
  await enter(user, await box(/^Runner labels/), "big");
  await waitFor(() => expect(requests(daemon, CHECK).length).toBe(2));
  expect((await stepsOf())[2]).toBe("build-1flutter build apk");
  answer.resolve(accepted(aPlan({ requirements: ["big"] })));
  expect(await within(await plan()).findByText("big")).toBeDefined();
});

test("the plan names the runners that fit now, and what the closest lacks if none does", async () => {
  const daemon = new FakeDaemon();
  const here = { id: "r1", name: "this-machine", status: "online" } as const;
  const night = { id: "r2", name: "night", status: "offline" } as const;
  const { user } = openApp(EDIT, { daemon });
  await plan();
  const labels = await box(/^Runner labels/);
  const answer = async (runners: PipelinePlan["runners"]) => {
    daemon.plan = aPlan({ runners });
    await enter(user, labels, "x");
  };
  await answer([
    { ...here, missing: [] },
    { ...night, missing: [] },
  ]);
  expect(await screen.findByText("night")).toBeDefined();
  const list = within(await plan()).getByRole("list", { name: "Runners now" });
  const rows = within(list).getAllByRole("listitem");
  expect(rows.map((row) => row.textContent)).toEqual(["this-machineOnline", "nightOffline"]);
  await answer([
    { ...night, missing: [] },
    { ...here, missing: ["x"] },
  ]);
  expect(await screen.findByText("Runners fit, but none takes builds now.")).toBeDefined();
  await answer([
    { ...here, missing: ["os:macos"] },
    { ...night, missing: ["os:macos", "x"] },
  ]);
  expect(await screen.findByText("No runner has all of it. The closest lacks os:macos.")).toBeDefined();
  await answer([]);
  expect(await screen.findByText("No runner is registered yet.")).toBeDefined();
});

test("who may not see runners is not told of them, and a new pipeline has no time yet", async () => {
  const daemon = new FakeDaemon();
  daemon.plan = aPlan({ runners: undefined });
  openApp(NEW, { daemon });
  expect(within(await plan()).getByText("Known once a few builds have passed.")).toBeDefined();
  expect(within(await plan()).queryByText("Runners now") === null).toBe(true);
});

test("the builds of a matrix are said to differ", async () => {
  const daemon = new FakeDaemon();
  daemon.plan = aPlan({ builds: 4 });
  openApp(EDIT, { daemon });
  expect(within(await plan()).getByText("One build for each combination of the matrix.")).toBeDefined();
  expect(screen.getByText("Differs from combination to combination.")).toBeDefined();
});

test("settings with errors keep the plan of what they were before, and say so", async () => {
  const daemon = new FakeDaemon();
  daemon.more.push([VALIDATE, refusing("two words", aPlan())]);
  const { user } = openApp(EDIT, { daemon });
  await plan();
  const labels = await box(/^Runner labels/);
  await enter(user, labels, "two words");
  const behind = "The settings have errors: this is the plan from before.";
  expect(await screen.findByText(behind)).toBeDefined();
  expect((await stepsOf())[2]).toBe("build-1flutter build apk");
  await user.clear(labels);
  await absent(() => screen.queryByText(behind));
});

test("settings that were never without errors have no plan", async () => {
  const daemon = new FakeDaemon();
  daemon.more.push([VALIDATE, refusing("config_path", aPlan())]);
  openApp(EDIT, { daemon });
  expect(within(await plan()).getByText("There is no plan of these settings yet.")).toBeDefined();
});

test("in YAML the plan is of the last text without errors", async () => {
  const daemon = new FakeDaemon();
  const lint = aPlan({ steps: [{ name: "Lint", command: "make lint" }] });
  daemon.more.push([VALIDATE, refusing("oops", lint)]);
  const { user } = openApp(EDIT, { daemon });
  await user.click(await button("YAML"));
  const text = await box("Settings as YAML");
  expect(await screen.findByText("make lint")).toBeDefined();
  fireEvent.change(text, { target: { value: `${text.value}oops` } });
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
  daemon.more.push([VALIDATE, () => answer]);
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
