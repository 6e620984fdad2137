/** What stands in a row before its text. */
import { expect, test } from "bun:test";
import { rowWords } from "@/features/logs/words";
import type { RowView, StepView } from "@/lib/log/messages";
import { type LogTimes, paintRow } from "@/lib/log/row";

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
  paintRow(element, row(time), step(startedAt), { words: rowWords, marks: null, times, build: "active" });
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
