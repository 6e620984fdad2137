/** The pipeline editor around its form, in the mounted app: templates, the plan beside it, where the truth lies, and the look before saving. */
import { expect, test } from "bun:test";
import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import { axeFindings, openApp } from "./app";
import { FakeDaemon } from "./fake/daemon";
import { absent, button, enter, heading, requests } from "./find";
// Loaded beforehand: a busy machine would take longer than a query waits.
import "@/features/pipelines/yaml-editor";

const NEW = "/projects/p1/pipelines/new";

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
