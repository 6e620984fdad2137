/** What rows of a log show: times before the text, links in it. */
import { expect, test } from "bun:test";
import { rowWords } from "@/features/logs/words";
import type { RowView, StepView } from "@/lib/log/messages";
import { linkPlaces } from "@/lib/log/places";
import { type LogTimes, paintRow } from "@/lib/log/row";
import { commitAddress, lineAddress } from "@/lib/repository";
import { aBuild } from "./fake/data.ts";

const BEGAN = 1_700_000_000_000;
const row = (time: number): RowView => ({
  key: "4",
  step: 1,
  line: 4,
  number: 2,
  unit: 0,
  units: 1,
  segments: [{ text: "hello", className: "" }],
  cut: 0,
  time,
});
const step = (startedAt: number) =>
  ({
    index: 1,
    name: "build-1",
    status: "running",
    startedAt,
    endedAt: 0,
    lines: 9,
    folded: false,
  }) as StepView;

function painted(times: LogTimes, time: number, startedAt = BEGAN): string | null {
  const element = document.createElement("div");
  paintRow(element, row(time), step(startedAt), {
    words: rowWords,
    marks: null,
    times,
    build: "active",
    address: null,
  });
  return element.textContent;
}

test("a line says how far into its step it came, or nothing if one of the times is not known", () => {
  expect(painted("step", BEGAN + 65_400)).toBe("2+1:05hello");
  expect(painted("step", BEGAN + 3_723_000)).toBe("2+1:02:03hello");
  expect(painted("step", 0)).toBe("2hello");
  expect(painted("step", BEGAN, 0)).toBe("2hello");
  expect(painted("off", BEGAN)).toBe("2hello");
  expect(painted("clock", BEGAN)).toMatch(/^2\d\d:\d\d:\d\dhello$/);
});

test("a line's number links to the line within its step, whatever step the page's address names", () => {
  const words = { words: rowWords, marks: null, times: "off", build: "active", address: null } as const;
  const addressOf = (name: string) => {
    const element = document.createElement("div");
    paintRow(element, row(0), { ...step(BEGAN), name }, words);
    const href = element.querySelector(".log-number")?.getAttribute("href") ?? "";
    const { pathname, searchParams, hash } = new URL(href, "http://localhost/builds/b1?step=other#L9");
    return [pathname, searchParams.get("step"), hash];
  };
  expect(addressOf("Build & sign #1")).toEqual(["/builds/b1", "Build & sign #1", "#L2"]);
  expect(addressOf("")).toEqual(["/builds/b1", null, "#L2"]);
});

const linked = (text: string) =>
  linkPlaces([{ text, className: "" }], (path, line) => `${path}#${line}`).flatMap(({ href }) => href ?? []);

test("places in the repository become links; the runner's own paths and packages do not", () => {
  expect(linked("lib/main.dart:12:3: Error, see ./ios/Runner/App.swift:7")).toEqual([
    "lib/main.dart#12",
    "ios/Runner/App.swift#7",
  ]);
  expect(linked("(test/a_test.dart:9:1)")).toEqual(["test/a_test.dart#9"]);
  for (const text of [
    "/srv/lib/main.dart:1",
    "package:shop/main.dart:1",
    "main.dart",
    "a.png:3",
    "../x.dart:1",
  ])
    expect({ text, links: linked(text) }).toEqual({ text, links: [] });
  const parts = linkPlaces([{ text: "at a.dart:1 now", className: "x" }], () => "#");
  expect(parts.map(({ text }) => text)).toEqual(["at ", "a.dart:1", " now"]);
});

test("a build at GitHub or GitLab leads to its commit and its lines, a local one nowhere", () => {
  const at = (repository_provider: "github" | "gitlab", repository_host_url: string) =>
    aBuild({
      commit_sha: "abc",
      context: { repository_provider, repository_host_url, repository_full_name: "demo/shop" },
    });
  const github = at("github", "https://github.com/");
  expect(commitAddress(github)).toBe("https://github.com/demo/shop/commit/abc");
  expect(lineAddress(github)?.("lib/a b.dart", 3)).toBe(
    "https://github.com/demo/shop/blob/abc/lib/a%20b.dart#L3",
  );
  const gitlab = at("gitlab", "https://git.example.com");
  expect(commitAddress(gitlab)).toBe("https://git.example.com/demo/shop/-/commit/abc");
  expect(commitAddress(at("github", "javascript:alert(1)"))).toBeNull();
  expect(commitAddress(aBuild())).toBeNull();
});
