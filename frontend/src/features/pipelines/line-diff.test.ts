import { expect, test } from "bun:test";
import { type DiffLine, lineDiff } from "./line-diff";

const SIGN = { same: " ", removed: "-", added: "+" };
const shown = (lines: DiffLine[]) =>
  lines.map((line) => (line.kind === "gap" ? `@${line.count}` : `${SIGN[line.kind]}${line.text}`));
const diff = (before: string, after: string) => shown(lineDiff(before, after));

test("texts that are the same have no difference", () => {
  expect(diff("a\nb\n", "a\nb\n")).toEqual([]);
});

test("what is removed stands before what takes its place, and lines between changes stay", () => {
  expect(diff("a\nb\nc\nd\n", "a\nB\nc\nd\ne\n")).toEqual([" a", "-b", "+B", " c", " d", "+e"]);
  expect(diff("a\nx\n", "x\n")).toEqual(["-a", " x"]);
  expect(diff("", "x")).toEqual(["-", "+x"]);
});

test("lines that repeat are matched in their order", () => {
  expect(diff("- a\n- a\n- b\n", "- a\n- b\n- a\n")).toEqual([" - a", "-- a", " - b", "+- a"]);
});

test("far from every change lines are only counted", () => {
  const lines = Array.from({ length: 20 }, (_, at) => String(at));
  const changed = lines.with(10, "ten");
  expect(diff(lines.join("\n"), changed.join("\n"))).toEqual([
    "@7",
    " 7",
    " 8",
    " 9",
    "-10",
    "+ten",
    " 11",
    " 12",
    " 13",
    "@6",
  ]);
});

test("texts that are too long to compare are replaced as a whole", () => {
  const many = (word: string) => Array.from({ length: 2500 }, (_, at) => `${word} ${at}`).join("\n");
  const lines = lineDiff(many("old"), many("new"));
  expect(lines.length).toBe(5000);
  expect(lines.slice(0, 2500).every(({ kind }) => kind === "removed")).toBe(true);
});
