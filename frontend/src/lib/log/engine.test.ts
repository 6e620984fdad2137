/** The engine with a log of several mebibytes: over the borders of its blocks and of what is searched at once. */
import { beforeAll, describe, expect, test } from "bun:test";
import { LogEngine } from "./engine";
import { HEADING_UNITS } from "./layout";
import type { FromWorker, LogAnswers, LogCommand, LogQuestion } from "./messages";
import type { LogQuery } from "./query";

const NEEDLES = 97;
/** No divisor of a block, so that lines and even markers are cut anywhere. */
const CHUNK_BYTES = 65_521;

const marker = (fields: object): string => `[oore-step] ${JSON.stringify(fields)}`;
const textOf = (line: number): string =>
  line % NEEDLES === 0 ? `\x1b[32mneedle\x1b[0m in ${line}` : `line ${line} ${"ä".repeat(line % 40)}`;

/** Lines in each of the steps, and as many after each: more than are searched at once. */
const LINES = 30_000;
const STEPS = 2;

/** Lines as they are shown, and the bytes with the markers between them. */
function largeLog(): { lines: string[]; bytes: Uint8Array } {
  const lines: string[] = [];
  const all: string[] = [];
  const print = () => {
    for (let i = 0; i < LINES; i++) {
      const text = textOf(lines.length);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are not shown
      lines.push(text.replace(/\x1b\[\d+m/g, ""));
      all.push(text);
    }
  };
  for (let step = 0; step < STEPS; step++) {
    all.push(marker({ event: "start", name: `step-${step}`, command: "make" }));
    print();
    all.push(marker({ event: "end", name: `step-${step}`, status: "failed", exit_code: 1 }));
    print();
  }
  return { lines, bytes: new TextEncoder().encode(`${all.join("\n")}\n`) };
}

const query = (text: string): LogQuery => ({ text, mode: "plain", letters: "any", words: "any" });

class Page {
  readonly said: FromWorker[] = [];
  private wake = () => {};
  private readonly engine = new LogEngine((message) => {
    this.said.push(message);
    this.wake();
  });

  tell(command: LogCommand): void {
    this.engine.handle(command);
  }

  fill(bytes: Uint8Array, after = () => {}): void {
    for (let at = 0; at < bytes.length; at += CHUNK_BYTES) {
      const { buffer } = bytes.slice(at, at + CHUNK_BYTES);
      this.tell({ kind: "append", bytes: buffer as ArrayBuffer });
      after();
    }
  }

  ask<Kind extends LogQuestion["ask"]>(question: Extract<LogQuestion, { ask: Kind }>): LogAnswers[Kind] {
    this.engine.handle({ kind: "ask", id: -1, question });
    const answer = this.said.findLast((message) => message.kind === "answer");
    return answer?.value as LogAnswers[Kind];
  }

  search(id: number, text: string): void {
    this.engine.handle({ kind: "search", id, query: query(text) });
  }

  matches(id: number) {
    return this.said.flatMap((message) => (message.kind === "matches" && message.id === id ? [message] : []));
  }

  async until(isSo: () => boolean): Promise<void> {
    while (!isSo()) await new Promise<void>((resolve) => (this.wake = resolve));
  }
}

describe("a large log", () => {
  let log: ReturnType<typeof largeLog>;
  let page: Page;
  beforeAll(() => {
    log = largeLog();
    page = new Page();
    page.fill(log.bytes);
  });

  test("shows the lines that it was given, wherever they are cut", () => {
    expect(page.ask({ ask: "text", from: 0, to: log.lines.length })).toBe(log.lines.join("\n"));
  });

  test("knows where a step's lines stand, and shows them there", () => {
    const last = 2 * LINES;
    const line = page.ask({ ask: "line", step: "step-1", number: last - 2 });
    expect(line).toBe(log.lines.length - 3);
    const { unit } = page.ask({ ask: "unit", line, step: 0 });
    const { rows, totalUnits } = page.ask({ ask: "window", from: unit, to: unit + 9 });
    expect(rows.map((row) => row.line)).toEqual([line, line + 1, line + 2]);
    expect(rows[0]).toMatchObject({ number: last - 2, step: STEPS });
    expect(rows[0]?.segments.map(({ text }) => text).join("")).toBe(log.lines[line] ?? "");
    expect(totalUnits).toBe(log.lines.length + STEPS * HEADING_UNITS);
  });

  test("is searched in several goes, with the numbers of the lines that are shown", async () => {
    page.search(1, "needle");
    await page.until(() => page.matches(1).at(-1)?.progress === "done");
    const told = page.matches(1);
    expect(told.length).toBeGreaterThan(2);
    const expected = log.lines.flatMap((text, line) => (text.includes("needle") ? line : []));
    expect(told.flatMap(({ lines }) => [...lines])).toEqual(expected);
    expect(expected.length).toBeGreaterThan(600);
    page.search(2, "exit_code");
    await page.until(() => page.matches(2).at(-1)?.progress === "done");
    expect(page.matches(2).flatMap(({ lines }) => [...lines])).toEqual([]);
  });

  test("tells nothing more of a search once another has begun, and that one begins at the top", async () => {
    page.search(3, "needle");
    await page.until(() => page.matches(3).length > 0);
    expect(page.matches(3).at(-1)?.progress).toBe("more");
    const toldBefore = page.matches(3).length;
    page.search(4, " 77");
    await page.until(() => page.matches(4).at(-1)?.progress === "done");
    expect(page.matches(3).length).toBe(toldBefore);
    const expected = log.lines.flatMap((text, line) => (text.includes(" 77") ? line : []));
    expect(page.matches(4).flatMap(({ lines }) => [...lines])).toEqual(expected);
  });
});

describe("a log that outgrows its page", () => {
  const MOST = 4 << 20;

  test("forgets its first lines and keeps the others with their numbers, whatever is asked meanwhile", async () => {
    const log = largeLog();
    const page = new Page();
    page.tell({ kind: "limit", bytes: 2 << 20 });
    page.search(1, "needle");
    page.fill(log.bytes.subarray(0, MOST), () => page.ask({ ask: "state" }));
    page.fill(log.bytes.subarray(MOST), () => page.ask({ ask: "state" }));
    const state = page.ask({ ask: "state" });
    expect(state.first).toBeGreaterThan(LINES);
    expect(state.bytes).toBeLessThanOrEqual(2 << 20);
    expect([state.lines, state.total]).toEqual([log.lines.length, log.lines.length]);
    expect(page.ask({ ask: "text", from: 0, to: log.lines.length })).toBe(
      log.lines.slice(state.first).join("\n"),
    );
    expect(page.ask({ ask: "line", step: "step-0", number: 7 })).toBe(6);
    expect(state.steps.map(({ away }) => away)).toEqual([false, true, false]);
    expect(state.totalUnits).toBe(log.lines.length - state.first + STEPS * HEADING_UNITS);
    expect(state.droppedUnits).toBe(state.first);
    page.search(2, "needle");
    await page.until(() => page.matches(2).at(-1)?.progress === "done");
    const expected = log.lines.flatMap((text, line) =>
      line >= state.first && text.includes("needle") ? line : [],
    );
    expect(page.matches(2).flatMap(({ lines }) => [...lines])).toEqual(expected);
  });

  test("keeps lines that are wrapped where they stand, less what went", () => {
    const log = largeLog();
    const page = new Page();
    page.tell({ kind: "limit", bytes: 2 << 20 });
    page.tell({ kind: "wrap", columns: 20 });
    const last = log.lines.length - 1;
    let reached = -1;
    let dropped = 0;
    page.fill(log.bytes, () => {
      const line = page.ask({ ask: "state" }).lines - 1;
      const { unit, droppedUnits } = page.ask({ ask: "unit", line, step: 0 });
      expect(unit + droppedUnits).toBeGreaterThan(reached);
      reached = unit + droppedUnits;
      dropped = droppedUnits;
    });
    const whole = new Page();
    whole.tell({ kind: "wrap", columns: 20 });
    whole.fill(log.bytes);
    expect(dropped).toBeGreaterThan(LINES);
    expect(page.ask({ ask: "unit", line: last, step: 0 }).unit + dropped).toBe(
      whole.ask({ ask: "unit", line: last, step: 0 }).unit,
    );
  });

  test("a line that is too long alone loses its beginning", () => {
    const page = new Page();
    page.tell({ kind: "limit", bytes: 2 << 20 });
    page.fill(new TextEncoder().encode(`one\n${"x".repeat(5 << 20)}`));
    expect(page.ask({ ask: "state" })).toMatchObject({ first: 1, lines: 2 });
    expect(page.ask({ ask: "state" }).bytes).toBeLessThanOrEqual(2 << 20);
  });
});
