/** The YAML mode of the pipeline editor, in the mounted app: to the form and back, the server's findings, the keyboard. */
import { expect, test } from "bun:test";
import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import { axeFindings, openApp } from "./app";
import { FakeDaemon, type Handler } from "./fake/daemon";
import { aPipeline } from "./fake/data";
import { button, enter, requests, savePipeline } from "./find";
// Loaded beforehand: a busy machine would take longer than a query waits.
import "@/features/pipelines/yaml-editor";

const EDIT = "/projects/p1/pipelines/l1/edit";
const WRITTEN = `version: 1
platforms:
  - android
commands:
  build:
    - flutter build apk
env:
  - key: FLAVOR
    value: demo
artifacts:
  patterns:
    - build/app/outputs/flutter-apk/*.apk
`;
const FOUND = { line: 2, column: 3, message: "biuld: unknown key", hint: "did you mean 'build'?" };

const VALIDATE = /^POST \/v1\/pipelines\/validate$/;

/** Answers as the server does for every text that has the word. */
function refusing(word: string, finding: object): Handler {
  return async (request) => {
    const { repository_yaml: text = "" } = (await request.json()) as { repository_yaml?: string };
    const wrong = text.includes(word);
    return { valid: !wrong, errors: wrong ? ["line 2: wrong"] : [], diagnostics: wrong ? [finding] : [] };
  };
}

const yamlBox = () => screen.findByRole<HTMLTextAreaElement>("textbox", { name: "Settings as YAML" });
const write = (box: HTMLTextAreaElement, value: string) => fireEvent.change(box, { target: { value } });
const mode = (name: "Form" | "YAML") => screen.findByRole("button", { name });

async function openYaml(daemon = new FakeDaemon()) {
  const app = openApp(EDIT, { daemon });
  await app.user.click(await mode("YAML"));
  return { ...app, box: await yamlBox() };
}

test("settings are shown as text; what is changed there is in the form, and the other way round", async () => {
  const { user, box, container } = await openYaml();
  expect(box.value).toBe(WRITTEN);
  expect((await mode("YAML")).getAttribute("aria-pressed")).toBe("true");
  expect(await axeFindings(container)).toEqual([]);
  write(box, WRITTEN.replace("flutter build apk", "make apk").replace("- android", "- android\n  - ios"));
  await user.click(await mode("Form"));
  const commands = await screen.findByRole<HTMLTextAreaElement>("textbox", { name: "Build (optional)" });
  expect(commands.value).toBe("make apk");
  expect(screen.getByRole<HTMLInputElement>("checkbox", { name: "iOS" }).checked).toBe(true);
  await user.clear(commands);
  await user.type(commands, "make all");
  await user.click(await mode("YAML"));
  expect((await yamlBox()).value).toContain("    - make all\n");
});

test("what is saved from the text is what it says, with the rest of the form", async () => {
  const { user, box, daemon, router } = await openYaml();
  write(
    box,
    "version: 1 # ours\nplatforms: [macos]\nflutter_version: 3.10\ncommands:\n  build:\n    - |\n      a\n      b\n",
  );
  await savePipeline(user);
  await waitFor(() => expect(router.state.location.pathname).toBe("/projects/p1/pipelines/l1"));
  expect(daemon.bodies.at(-1)).toMatchObject({
    name: "Android release",
    execution_config: {
      platforms: ["macos"],
      flutter_version: "3.10",
      commands: { pre_build: [], build: ["a\nb\n"], post_build: [] },
      env: [],
      artifact_patterns: ["build/macos/Build/Products/Release/*.app"],
    },
  });
});

test("comments are still there after a look at the form, as long as nothing was changed in it", async () => {
  const { user, box } = await openYaml();
  const commented = `# why\n${WRITTEN}`;
  write(box, commented);
  await user.click(await mode("Form"));
  await screen.findByRole("textbox", { name: "Build (optional)" });
  await user.click(await mode("YAML"));
  expect((await yamlBox()).value).toBe(commented);
});

test("what the server finds is said at its line, and such a text is neither left nor saved nor lost", async () => {
  const daemon = new FakeDaemon();
  daemon.more.push([VALIDATE, refusing("biuld", FOUND)]);
  const { user, box, container } = await openYaml(daemon);
  const wrong = "version: 1\n  biuld: x\n";
  write(box, wrong);
  const list = await screen.findByRole("list", { name: "Problems in the YAML" });
  expect(within(list).getByText("biuld: unknown key; did you mean 'build'?")).toBeDefined();
  expect(box.getAttribute("aria-invalid")).toBe("true");
  expect(await axeFindings(container)).toEqual([]);
  await user.click(within(list).getByRole("button", { name: "Line 2, column 3" }));
  expect(document.activeElement === box).toBe(true);
  expect(box.selectionStart).toBe("version: 1\n  ".length);
  await user.click(await mode("Form"));
  expect((await screen.findByRole("alert")).textContent).toContain("The text has errors");
  expect((await yamlBox()).value).toBe(wrong);
  await user.click(screen.getByRole("button", { name: "Save pipeline" }));
  await waitFor(() => expect(document.activeElement === box).toBe(true));
  expect(requests(daemon, "PATCH")).toEqual([]);
  write(box, WRITTEN);
  await waitFor(() => expect(screen.queryAllByRole("list", { name: "Problems in the YAML" }).length).toBe(0));
  expect(screen.queryAllByRole("alert").length).toBe(0);
});

test("a server that does not answer keeps the text where it is", async () => {
  const { user, box, daemon } = await openYaml();
  daemon.failOn("POST /v1/pipelines/validate", { status: 0, code: "unreachable" });
  write(box, "version: 1\nplatforms: [ios]\n");
  await user.click(await mode("Form"));
  expect((await screen.findByRole("alert")).textContent).toContain("did not answer");
  expect(box.value).toContain("[ios]");
});

test("version 2 is written and checked here, but kept in the repository", async () => {
  const { user, box, daemon } = await openYaml();
  await user.click(screen.getByRole("button", { name: "Show an example of version 2" }));
  await waitFor(() => expect(box.value).toContain("version: 2\n"));
  expect(await screen.findByText("Version 2 lives in the repository")).toBeDefined();
  expect(screen.getByRole("button", { name: "Download .oore.yaml" })).toBeDefined();
  await user.click(screen.getByRole("button", { name: "Save pipeline" }));
  expect((await screen.findByRole("alert")).textContent).toContain("version 2 can be neither saved");
  expect(requests(daemon, "PATCH")).toEqual([]);
  await user.click(screen.getByRole("button", { name: "Back to the settings" }));
  await waitFor(() => expect(box.value).toBe(WRITTEN));
  expect(screen.queryAllByText("Version 2 lives in the repository").length).toBe(0);
});

test("settings that the form can't hold open as text, and say why they stay there", async () => {
  const daemon = new FakeDaemon();
  const pipeline = aPipeline();
  const commands = { pre_build: [], build: ["one\ntwo"], post_build: [] };
  daemon.pipelines = [{ ...pipeline, execution_config: { ...pipeline.execution_config, commands } }];
  const { user, router, container } = openApp(EDIT, { daemon });
  let wasForm = false;
  const watch = new MutationObserver(() => {
    wasForm ||= container.textContent.includes("Build (optional)");
  });
  watch.observe(container, { childList: true, subtree: true });
  const box = await yamlBox();
  watch.disconnect();
  expect(wasForm).toBe(false);
  expect(box.value).toContain("    - |-\n      one\n      two\n");
  await user.click(await mode("Form"));
  expect((await screen.findByRole("alert")).textContent).toContain("commands.build[0]");
  await enter(user, screen.getByRole("textbox", { name: "Name" }), " 2");
  await savePipeline(user);
  await waitFor(() => expect(router.state.location.pathname).toBe("/projects/p1/pipelines/l1"));
  expect(daemon.bodies.at(-1)).toMatchObject({ execution_config: { commands } });
});

test("Tab indents, Shift and Tab take it back, and Escape, then Tab leaves", async () => {
  const { user, box } = await openYaml();
  write(box, "a:\nb");
  box.focus();
  box.setSelectionRange(3, 3);
  await user.keyboard("{Tab}");
  expect(box.value).toBe("a:\n  b");
  await user.keyboard("{Shift>}{Tab}{/Shift}");
  expect(box.value).toBe("a:\nb");
  box.setSelectionRange(2, 2);
  await user.keyboard("{Enter}");
  expect(box.value).toBe("a:\n  \nb");
  expect(document.activeElement === box).toBe(true);
  await user.keyboard("{Escape}{Tab}");
  expect(document.activeElement === box).toBe(false);
  expect(box.value).toBe("a:\n  \nb");
});

test("an edited text asks before it is left, and a valid one is kept as a draft without its variables", async () => {
  const { user, box, router } = await openYaml();
  write(box, WRITTEN.replace("flutter build apk", "make apk"));
  await waitFor(() => expect(JSON.stringify({ ...sessionStorage })).toContain("make apk"));
  expect(JSON.stringify({ ...sessionStorage })).not.toContain("demo");
  await user.click(screen.getByRole("link", { name: "Android release" }));
  expect(await screen.findByText("Leave without saving?")).toBeDefined();
  expect(router.state.location.pathname).toBe(EDIT);
});

test("while the server looks at the text it takes no keys, and what else is typed is saved", async () => {
  const { user, box, daemon, router } = await openYaml();
  const answer = Promise.withResolvers<void>();
  daemon.more.push([
    VALIDATE,
    () => answer.promise.then(() => ({ valid: true, errors: [], diagnostics: [] })),
  ]);
  write(box, WRITTEN.replace("flutter build apk", "make apk"));
  await user.click(screen.getByRole("button", { name: "Save pipeline" }));
  expect(box.readOnly).toBe(true);
  await user.click(await mode("Form"));
  await user.type(box, "lost");
  expect(box.value).not.toContain("lost");
  await user.type(screen.getByRole("textbox", { name: "Name" }), "!");
  answer.resolve();
  await user.click(await button("Save these changes"));
  await waitFor(() => expect(router.state.location.pathname).toBe("/projects/p1/pipelines/l1"));
  expect(daemon.bodies.at(-1)).toMatchObject({
    name: "Android release!",
    execution_config: { commands: { build: ["make apk"] } },
  });
});

test("somebody else's change takes away nothing that is typed here, and can be taken", async () => {
  const { user, daemon, runtime } = openApp(EDIT);
  const name = await screen.findByRole<HTMLInputElement>("textbox", { name: "Name" });
  await user.type(name, " of mine");
  const change = async (theirs: string, updated_at: number) => {
    daemon.pipelines = [{ ...aPipeline(), name: theirs, updated_at }];
    await runtime.queryClient.invalidateQueries({ queryKey: runtime.key("pipeline", "l1") });
    return screen.findByText("Somebody changed this pipeline while you edit it");
  };
  expect(await change("Theirs", 1)).toBeDefined();
  expect(name.value).toBe("Android release of mine");
  await user.click(screen.getByRole("button", { name: "Keep mine" }));
  expect(screen.queryAllByRole("button", { name: "Keep mine" }).length).toBe(0);
  expect(await change("Theirs again", 2)).toBeDefined();
  await user.click(screen.getByRole("button", { name: "Reload, and lose my changes" }));
  expect(screen.getByRole<HTMLInputElement>("textbox", { name: "Name" }).value).toBe("Theirs again");
  expect(screen.queryAllByRole("button", { name: "Keep mine" }).length).toBe(0);
});

test("a text whose aliases have no end stays on the page", async () => {
  const { user, box } = await openYaml();
  write(box, "version: 1\na: &x [*x]\n");
  expect(box.value).toContain("[*x]");
  await user.click(await mode("Form"));
  expect((await screen.findByRole("alert")).textContent).toContain("look at its aliases");
  expect((await yamlBox()) === box).toBe(true);
});
