/** Settings survive the way through text, and text the way through the form, whatever they hold. */
import { describe, expect, test } from "bun:test";
import type { BuildPlatform, ExecutionConfig } from "@/api/types";
import { beyondForm, fromConfig, PLATFORMS, toExecutionConfig } from "./form-value";
import { readSettings, versionOf, writeSettings } from "./yaml-text";

/** Numbers that look random and are the same in every run. */
function* numbers(seed: number): Generator<number, never> {
  let state = seed;
  for (;;) {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296;
    yield state / 4_294_967_296;
  }
}

const PIECES = [
  ..."aZ09 -:#'\"\\{}[],&*!|>%@`~?=$/.",
  "  ",
  "\t",
  "null",
  "true",
  "3.10",
  "0x1f",
  "flutter build",
  "größe",
  "日本",
  "🙂",
  "<<",
  "---",
];

class Dice {
  #numbers: Generator<number, never>;

  constructor(seed: number) {
    this.#numbers = numbers(seed);
  }

  below(count: number): number {
    return Math.floor(this.#numbers.next().value * count);
  }

  text(pieces: readonly string[]): string {
    return Array.from({ length: 1 + this.below(6) }, () => pieces[this.below(pieces.length)]).join("");
  }

  list(pieces: readonly string[]): string[] {
    return Array.from({ length: this.below(4) }, () => this.text(pieces));
  }

  config(pieces: readonly string[]): ExecutionConfig {
    const per = <T>(of: () => T) => ({ android: of(), ios: of(), macos: of() });
    return {
      platforms: PLATFORMS.filter(() => this.below(2) === 0),
      flutter_version: this.below(2) === 0 ? null : this.text(["3", ".", "10", "stable"]),
      commands: {
        pre_build: this.list(pieces),
        build: this.list(pieces),
        post_build: this.list(pieces),
      },
      platform_build_args: per(() => this.list(pieces)),
      platform_commands: per(() => (this.below(2) === 0 ? null : this.text(pieces))),
      env: this.list(["A", "b", "_"]).map((key) => ({ key, value: this.text([...pieces, ""]) })),
      artifact_patterns: this.list(["*", "**/", "build/", ".apk", "?"]),
    };
  }
}

const RUNS = 500;

test("settings that are written and read are the same settings, lines and all", () => {
  for (let seed = 0; seed < RUNS; seed++) {
    const config = new Dice(seed).config([...PIECES, "\n", "\r\n"]);
    expect(readSettings(writeSettings(config))).toEqual(config);
  }
});

test("what the form can hold is the same after form, text and form again", () => {
  let held = 0;
  for (let seed = 0; seed < RUNS; seed++) {
    const config = new Dice(seed).config(PIECES);
    if (beyondForm(config).length > 0) continue;
    held++;
    const value = fromConfig(config);
    const through = fromConfig(readSettings(writeSettings(toExecutionConfig(value))));
    expect(through).toEqual(value);
    expect(toExecutionConfig(through)).toEqual(config);
  }
  expect(held).toBeGreaterThan(20);
});

test("what one line can't hold is named, whatever part of the settings it is in", () => {
  const lines = "one\ntwo";
  const per = { android: [] as string[], ios: [" spaces"], macos: [] as string[] };
  const config: ExecutionConfig = {
    platforms: ["ios"],
    flutter_version: null,
    commands: { pre_build: ["ok", lines], build: [], post_build: [] },
    platform_build_args: per,
    platform_commands: { android: null, ios: lines, macos: null },
    env: [{ key: "A", value: lines }],
    artifact_patterns: ["*.ipa"],
  };
  expect(beyondForm(config)).toEqual([
    "commands.pre_build[1]",
    "platform_build_args.ios[0]",
    "platform_commands.ios",
    "env[0].value",
  ]);
});

describe("reading", () => {
  const minimal = (rest: string) => readSettings(`version: 1\nplatforms: [android, macos]\n${rest}`);

  test("keeps the spelling of numbers and truth values", () => {
    const config = minimal(
      "flutter_version: 3.10\nenv:\n  - {key: A, value: yes}\n  - {key: B, value: 007}\n",
    );
    expect(config.flutter_version).toBe("3.10");
    expect(config.env).toEqual([
      { key: "A", value: "yes" },
      { key: "B", value: "007" },
    ]);
  });

  test("patterns that are left out are those of the platforms, and none are none", () => {
    expect(minimal("").artifact_patterns).toEqual([
      "build/app/outputs/flutter-apk/*.apk",
      "build/app/outputs/bundle/**/*.aab",
      "build/macos/Build/Products/Release/*.app",
    ]);
    expect(minimal("artifacts: {patterns: []}\n").artifact_patterns).toEqual([]);
  });

  test("follows an alias, and takes no value for none", () => {
    const config = minimal(
      "commands:\n  pre_build: &same [a]\n  build: *same\n  post_build:\nflutter_version: ~\n",
    );
    expect(config.commands).toEqual({ pre_build: ["a"], build: ["a"], post_build: [] });
    expect(config.flutter_version).toBeNull();
  });

  test("finds the version also in a text that is wrong otherwise", () => {
    expect(versionOf("version: 2\nsteps: [")).toBe("2");
    expect(versionOf("- a")).toBeUndefined();
    expect(versionOf("")).toBeUndefined();
    expect(versionOf("version: [1]")).toBeUndefined();
    expect(versionOf("version:")).toBeUndefined();
  });

  const BOMB = [
    "version: 1\nb0: &b0 [x, x]",
    ...Array.from({ length: 40 }, (_, n) => `b${n + 1}: &b${n + 1} [*b${n}, *b${n}]`),
  ].join("\n");

  test("an alias of itself and aliases of aliases say their version, and are too much to be settings", () => {
    for (const text of ["version: 1\na: &x [*x]\n", BOMB]) {
      expect(versionOf(text)).toBe("1");
      expect(() => readSettings(text)).toThrow(RangeError);
    }
  });

  test("platforms are words of the interface", () => {
    const platforms: BuildPlatform[] = minimal("").platforms ?? [];
    expect(platforms).toEqual(["android", "macos"]);
  });
});
