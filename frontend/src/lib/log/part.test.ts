/** Which part of a log is chosen, and that a part shows its lines as the whole log does: numbers, steps, text. */
import { describe, expect, test } from "bun:test";
import { LongLog, numberedLines } from "../../../test/fake/long-log.ts";
import { LogEngine } from "./engine";
import type { FromWorker, LogAnswers, LogQuestion, LogState } from "./messages";
import { heldPart, type LogPart, partOf } from "./part";

const log = new LongLog(
  [
    { name: "checkout", lines: numberedLines("checkout", 90) },
    { name: "empty", lines: [] },
    { name: "build", lines: numberedLines("build", 600) },
    { name: "sign", lines: numberedLines("sign", 300) },
  ],
  10,
);
const { outline } = log;
const SIZE = 4_000;

describe("the part that is chosen", () => {
  test("of the end begins with a line as far before the end as was asked for at most", () => {
    const { from, to } = partOf(outline, "end", SIZE);
    expect(to).toBeNull();
    const bytes = outline.bytes - from.byte;
    expect(bytes).toBeLessThanOrEqual(SIZE);
    expect(bytes).toBeGreaterThan(SIZE - 300);
    expect((from.line + 1) % 10).toBe(0);
  });

  test("around a line has the line, and as much before it as was asked for", () => {
    const { from, to } = partOf(outline, { line: 400, before: 0.5 }, SIZE);
    expect(from.line).toBeLessThan(330);
    expect(to?.line).toBeGreaterThan(470);
    expect((to?.byte ?? 0) - from.byte).toBeLessThanOrEqual(SIZE);
  });

  test("reaches to the edges of the log, and to its end where that is near", () => {
    expect(partOf(outline, { line: 3, before: 0.5 }, SIZE).from).toEqual({ line: 0, byte: 0 });
    expect(partOf(outline, { line: outline.lines - 3, before: 0.5 }, SIZE).to).toBeNull();
    expect(partOf(outline, { line: 5, before: 0.5 }, outline.bytes)).toEqual({
      from: { line: 0, byte: 0 },
      to: null,
    });
  });

  test("has the line also where the server knows few places", () => {
    const sparse = { ...outline, places: outline.places.filter(({ line }) => line === 500) };
    expect(partOf(sparse, { line: 300, before: 0.5 }, 100)).toMatchObject({
      from: { line: 0 },
      to: { line: 499 },
    });
    expect(partOf(sparse, { line: 700, before: 0.5 }, 100)).toMatchObject({ from: { line: 499 }, to: null });
    expect(partOf({ ...outline, places: [] }, "end", 100)).toEqual({ from: { line: 0, byte: 0 }, to: null });
  });
});

/** A worker that has the log, or a part of it. */
class Page {
  private readonly said: FromWorker[] = [];
  private readonly engine = new LogEngine((message) => this.said.push(message));

  constructor(part?: LogPart) {
    const { steps, bytes } = outline;
    if (part) {
      const held = { ...heldPart(outline, "end", SIZE), ...part };
      this.engine.handle({ kind: "begin", part: held });
    }
    const from = part?.from.byte ?? 0;
    const starts = steps.slice(1).map(({ first_byte }) => first_byte);
    this.engine.handle({ kind: "steps", starts, known: from });
    const { buffer } = log.bytes.slice(from, part?.to?.byte ?? bytes);
    this.engine.handle({ kind: "append", bytes: buffer });
  }

  ask<Kind extends LogQuestion["ask"]>(question: Extract<LogQuestion, { ask: Kind }>): LogAnswers[Kind] {
    this.engine.handle({ kind: "ask", id: -1, question });
    const answer = this.said.findLast((message) => message.kind === "answer");
    return answer?.value as LogAnswers[Kind];
  }

  rows() {
    const { rows } = this.ask({ ask: "window", from: 0, to: 10_000 });
    return rows
      .filter(({ line }) => line >= 0)
      .map(({ line, number, step, segments }) => ({
        line,
        number,
        step,
        text: segments.map(({ text }) => text).join(""),
      }));
  }
}

const shape = ({ steps }: LogState) =>
  steps.map(({ name, lines, firstLine, status, away }) => ({ name, lines, firstLine, status, away }));

describe("a part of a log", () => {
  const whole = new Page();
  const middle = partOf(outline, { line: 400, before: 0.5 }, SIZE);
  const wide = { from: { line: 79, byte: outline.places[7]?.byte ?? 0 }, to: middle.to };

  test("shows its lines with the numbers, steps and text that they have in the whole", () => {
    for (const part of [middle, wide, partOf(outline, "end", SIZE), partOf(outline, "end", 9_000)]) {
      const end = part.to?.line ?? outline.lines;
      const expected = whole.rows().filter(({ line }) => line >= part.from.line && line < end);
      expect(expected.length).toBeGreaterThan(100);
      expect(new Page(part).rows()).toEqual(expected);
    }
  });

  test("knows all steps, and which of them have no line here", () => {
    const page = new Page(middle);
    const steps = shape(page.ask({ ask: "state" }));
    const expected = shape(whole.ask({ ask: "state" }));
    expect(steps.map(({ away }) => away)).toEqual([false, true, false, false, true]);
    expect(steps.map((step) => ({ ...step, away: false }))).toEqual(expected);
    expect(page.ask({ ask: "state" })).toMatchObject({ first: middle.from.line, total: outline.lines });
  });

  test("knows where lines are that it does not have, and that those to come are not there yet", () => {
    const page = new Page(middle);
    const line = (step: string, number: number) => page.ask({ ask: "line", step, number });
    expect([line("checkout", 1), line("build", 1), line("sign", 300)]).toEqual([0, 90, 989]);
    expect([line("sign", 301), line("build", 601), line("", 990), line("", 991)]).toEqual([-1, -1, 989, -1]);
    const late = { ...middle, to: { line: 800, byte: middle.to?.byte ?? 0 } };
    expect(new Page(late).ask({ ask: "line", step: "sign", number: 50 })).toBe(-1);
  });
});
