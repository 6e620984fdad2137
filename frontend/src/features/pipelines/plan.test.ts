import { expect, test } from "bun:test";
import type { ExecutionConfig } from "@/api/types";

import { aRunner } from "../../../test/fake/data";
import { EMPTY, toExecutionConfig } from "./form-value";
import { medianOf, planOf } from "./plan";
import { missingLabels, takesBuilds } from "./runner-fit";
import { readPlan } from "./yaml-text";

const BLANK = toExecutionConfig(EMPTY);
const shown = (config: Partial<ExecutionConfig>) =>
  planOf({ ...BLANK, ...config }).steps.map(({ name, command }) => (command ? `${name}: ${command}` : name));

test("settings without commands get packages and run each platform's own build with its arguments", () => {
  const args = { android: ["--flavor", "prod"], ios: [], macos: [] };
  expect(shown({ platforms: ["android", "macos"], platform_build_args: args })).toEqual([
    "checkout",
    "flutter",
    "pre_build-1: flutter pub get",
    "build-1: flutter build apk --release --flavor prod",
    "build-2: flutter build macos --release",
    "artifacts",
  ]);
});

test("build commands run before the platforms' own, and Flutter is only there for those who call it", () => {
  const config = {
    commands: { pre_build: ["./prepare"], build: ["make"], post_build: ["sh tool/flutter.sh"] },
    platform_commands: { android: "make apk", ios: null, macos: null },
    artifact_patterns: [],
  };
  expect(shown(config)).toEqual([
    "checkout",
    "pre_build-1: ./prepare",
    "build-1: make",
    "build-2: make apk",
    "post_build-1: sh tool/flutter.sh",
  ]);
});

test("a text of version 2 is planned by its steps, its caches and its conditions", () => {
  const plan = readPlan(
    `version: 2
platforms: [android, ios]
caches: [pub]
steps:
  - {name: Test, run: flutter test}
  - {name: iOS, if: platform == 'ios', run: make}
artifacts: {patterns: []}
`,
  );
  expect(plan.steps.map(({ name }) => name)).toEqual([
    "checkout",
    "restore caches",
    "flutter",
    "Test",
    "iOS",
    "save caches",
  ]);
  expect(plan.steps[4]?.condition).toBe("platform == 'ios'");
  expect(plan.labels).toEqual(["protocol:5", "os:macos"]);
});

test("what a runner lacks are the labels that it neither has nor could have without saying so", () => {
  const linux = aRunner({ labels: ["big"] });
  expect(missingLabels(linux, ["big", "os:macos", "protocol:5", "tool:fvm"])).toEqual([
    "os:macos",
    "tool:fvm",
  ]);
  const silent = aRunner({ capabilities: { protocol_version: 4 }, detected_labels: [] });
  expect(missingLabels(silent, ["os:macos", "tool:fvm", "big", "protocol:5"])).toEqual(["big", "protocol:5"]);
});

test("a runner takes builds unless it is away, drained or kept out", () => {
  const drain = { since: 1 };
  const takes = [aRunner(), aRunner({ status: "busy" }), aRunner({ status: "offline" }), aRunner({ drain })];
  expect(takes.map(takesBuilds)).toEqual([true, true, false, false]);
  expect(takesBuilds(aRunner({ excluded_by_mode: true }))).toBe(false);
});

test("the median of an even number is the lower of the middle two", () => {
  expect(medianOf([10, 1, 3, 2])).toBe(2);
  expect(medianOf([])).toBeUndefined();
});
