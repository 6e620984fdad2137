/**
 * What a new pipeline can begin with. A template is settings and a name to start from; what is made of it knows nothing of it any
 * more. It must stay valid for the server, which tests check against the real one.
 */
import type { BuildPlatform } from "@/api/types";
import { pipelineTemplates as words } from "@/messages/en/pipeline-templates";
import { EMPTY, type FormValue, fromConfig, type SettingsValue, toExecutionConfig } from "./form-value";

export const TEMPLATES = [
  "debugApk",
  "androidRelease",
  "iosAdHoc",
  "iosAndAndroid",
  "testsOnly",
  "custom",
] as const;
export type Template = (typeof TEMPLATES)[number];

const APK = "build/app/outputs/flutter-apk/*.apk";
const BUNDLE = "build/app/outputs/bundle/**/*.aab";
const IPA = "build/ios/ipa/*.ipa";
const AD_HOC = "flutter build ipa --release --export-method ad-hoc";
const TEST = 'flutter test --file-reporter "json:$OORE_REPORTS/tests.json"';

const BLANK: SettingsValue = fromConfig(toExecutionConfig(EMPTY));

/** Nothing is under `build`: committed as a file it would take the place of the platforms' commands. */
function settings(
  command: Partial<FormValue["command"]>,
  patterns: string,
  more: string[] = [],
): SettingsValue {
  return {
    ...BLANK,
    platforms: Object.keys(command) as BuildPlatform[],
    preBuild: ["flutter pub get", ...more].join("\n"),
    command: { ...BLANK.command, ...command },
    patterns,
  };
}

const SETTINGS: Record<Template, SettingsValue> = {
  debugApk: settings({ android: "flutter build apk --debug" }, APK),
  androidRelease: settings({ android: "flutter build appbundle --release" }, BUNDLE),
  iosAdHoc: settings({ ios: AD_HOC }, IPA),
  iosAndAndroid: settings({ android: "flutter build apk --release", ios: AD_HOC }, `${APK}\n${IPA}`),
  testsOnly: settings({ android: TEST }, "", ["flutter analyze"]),
  custom: BLANK,
};

/** What choosing a template puts into the form. A name that somebody thought of stays. */
export function filledFrom(template: Template, value: FormValue): Partial<FormValue> {
  const isOwnName = value.name.trim() !== "" && !TEMPLATES.some((one) => nameOf(one) === value.name);
  return { ...SETTINGS[template], ...(!isOwnName && { name: nameOf(template) }) };
}

/** The template whose settings the form has, if they are those of one. */
export function templateOf(value: FormValue): Template | null {
  const meaning = meaningOf(value);
  return TEMPLATES.find((one) => meaningOf(SETTINGS[one]) === meaning) ?? null;
}

function nameOf(template: Template): string {
  return template === "custom" ? "" : words.choices[template].name;
}

function meaningOf(value: SettingsValue): string {
  return JSON.stringify(toExecutionConfig(value));
}
