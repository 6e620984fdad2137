/** The log core: lines over bytes, step markers, rows and search, without worker or page. */
import { describe, expect, test } from "bun:test";
import { plainText } from "@/lib/ansi/parse";
import { LogLayout } from "./layout";
import { compileQuery, type LogQuery, matchRanges } from "./query";
import { LogSearch } from "./search";
import { LogStore } from "./store";

const encoder = new TextEncoder();

function storeOf(...chunks: (string | Uint8Array)[]): LogStore {
  const store = new LogStore();
  for (const chunk of chunks) store.append(typeof chunk === "string" ? encoder.encode(chunk) : chunk);
  return store;
}

const shown = (store: LogStore): string[] =>
  Array.from({ length: store.lineCount }, (_, i) => plainText(store.line(i).text));

const start = (name: string, command = "") =>
  `[oore-step] ${JSON.stringify({ event: "start", name, command })}\n`;
const end = (name: string, status: string, code = 0) =>
  `[oore-step] ${JSON.stringify({ event: "end", name, status, exit_code: code })}\n`;

describe("lines", () => {
  test("come out whole however the bytes are cut", () => {
    const text = `one\ntwo\n\n漢字 €\nlast`;
    const bytes = encoder.encode(text);
    const whole = shown(storeOf(bytes));
    expect(whole).toEqual(["one", "two", "", "漢字 €", "last"]);
    for (let size = 1; size < 7; size++) {
      const store = new LogStore();
      for (let at = 0; at < bytes.length; at += size) store.append(bytes.subarray(at, at + size));
      expect(shown(store)).toEqual(whole);
    }
  });

  test("an unfinished line is shown and grows", () => {
    const store = storeOf("Downloading");
    expect(shown(store)).toEqual(["Downloading"]);
    store.append(encoder.encode(" 50%"));
    expect([store.lineCount, shown(store)[0], store.hasOpenLine]).toEqual([1, "Downloading 50%", true]);
    store.append(encoder.encode("\nnext\n"));
    expect([shown(store), store.hasOpenLine]).toEqual([["Downloading 50%", "next"], false]);
  });

  test("progress lines show their last state", () => {
    expect(shown(storeOf("10%\r50%\r100%\ncrlf\r\n\x1b[2K\rdone\n"))).toEqual(["100%", "crlf", "done"]);
  });

  test("bytes that are no UTF-8 do not break the line", () => {
    expect(shown(storeOf(new Uint8Array([0x61, 0xff, 0x62, 10, 0x63])))).toEqual(["a\ufffdb", "c"]);
  });

  test("lines over block borders are whole", () => {
    const long = "x".repeat(700_000);
    const store = storeOf(`${long}\n`, `${"y".repeat(600_000)}\nend\n`);
    expect(store.range(1)).toEqual([700_001, 1_300_001]);
    expect(shown(store)[2]).toBe("end");
  });

  test("a very long line is cut and says by how much", () => {
    const line = storeOf("z".repeat(200_000)).line(0);
    expect([line.text.length, line.cut]).toEqual([16_384, 200_000 - 16_384]);
  });

  test("colours go on over lines and stop at a step", () => {
    const store = storeOf("\x1b[31mred\nstill\n", start("build-1"), "plain\n");
    expect([0, 1, 2].map((i) => store.line(i).start)).toEqual([0, 2, 0]);
  });

  test("times are kept for lines that came with one", () => {
    const store = storeOf("old\n");
    store.append(encoder.encode("new\n"), 1_700_000_000_000);
    store.append(encoder.encode("newer\n"), 1_700_000_001_500);
    expect([0, 1, 2].map((i) => store.time(i))).toEqual([0, 1_700_000_000_000, 1_700_000_001_500]);
  });
});

describe("steps", () => {
  test("markers make steps and are not shown", () => {
    const store = storeOf(
      start("checkout"),
      "a\n",
      end("checkout", "succeeded"),
      start("build-1", "make"),
      "b\nc\n",
      end("build-1", "failed", 2),
    );
    expect(shown(store)).toEqual(["a", "b", "c"]);
    expect(store.stepList.steps.slice(1)).toEqual([
      {
        name: "checkout",
        command: "",
        firstLine: 0,
        status: "succeeded",
        exitCode: 0,
        startedAt: 0,
        endedAt: 0,
      },
      {
        name: "build-1",
        command: "make",
        firstLine: 1,
        status: "failed",
        exitCode: 2,
        startedAt: 0,
        endedAt: 0,
      },
    ]);
    expect([store.linesOfStep(0), store.linesOfStep(1), store.linesOfStep(2)]).toEqual([0, 1, 2]);
  });

  test("markers that a command prints stay text", () => {
    const store = storeOf(
      start("build-1"),
      start("fake"),
      end("other", "failed"),
      "[oore-step] {broken\n",
      end("build-1", "succeeded"),
    );
    expect(shown(store).length).toBe(3);
    expect(store.stepList.steps.map((step) => step.name)).toEqual(["", "build-1"]);
  });

  test("a start counts only where the runner began a step", () => {
    const forged = [end("a", "succeeded"), start("a"), start("x"), end("x", "failed")];
    const bytes = [start("a"), ...forged, end("a", "failed"), start("b"), "1\n"].join("");
    const store = new LogStore();
    store.expectSteps([0, bytes.indexOf(start("b"))], 0);
    store.append(encoder.encode(bytes));
    expect(store.stepList.steps.map((step) => step.name)).toEqual(["", "a", "b"]);
    expect(shown(store).length).toBe(5);
    // What follows comes frame by frame, each with its step.
    for (const [step, line] of [
      ["b", end("b", "succeeded")],
      ["b", start("x")],
      ["c", start("c")],
    ] as const) {
      store.expectMarker(step);
      store.append(encoder.encode(line));
    }
    expect(store.stepList.steps.map((step) => step.name)).toEqual(["", "a", "b", "c"]);
    expect(shown(store).length).toBe(6);
  });

  test("where nobody knows that, steps and their names have a bound", () => {
    const pairs = Array.from({ length: 600 }, (_, n) => start(`s${n}`) + end(`s${n}`, "succeeded"));
    const store = storeOf(start("x".repeat(200)), ...pairs);
    expect([store.stepList.steps.length, store.lineCount]).toEqual([513, 1 + 2 * 88]);
  });

  test("a step that was skipped is not one that failed", () => {
    const store = storeOf(
      start("Sign"),
      "why\n",
      end("Sign", "skipped"),
      start("Odd"),
      end("Odd", "unheard of"),
    );
    expect(store.stepList.steps.slice(1).map((step) => step.status)).toEqual(["skipped", "failed"]);
  });

  test("a marker in two pieces is still a marker", () => {
    const marker = start("checkout");
    const store = storeOf(marker.slice(0, 9), marker.slice(9), "x\n");
    expect(shown(store)).toEqual(["x"]);
  });
});

describe("rows", () => {
  const log = () => storeOf("pre\n", start("a"), "1\n2\n3\n", end("a", "succeeded"), start("b"), "4\n");

  test("headings and lines in order", () => {
    const layout = new LogLayout(log());
    expect(layout.totalUnits()).toBe(9);
    expect(layout.rows(0, 100).map((row) => [row.step, row.line, row.unit])).toEqual([
      [0, 0, 0],
      [1, -1, 1],
      [1, 1, 3],
      [1, 2, 4],
      [1, 3, 5],
      [2, -1, 6],
      [2, 4, 8],
    ]);
    expect(layout.rows(4, 6).map((row) => row.line)).toEqual([2, 3]);
    expect(layout.rows(2, 3).map((row) => row.line)).toEqual([-1]);
    expect([layout.unitOfLine(3), layout.unitOfStep(2)]).toEqual([5, 6]);
  });

  test("a folded step is its heading", () => {
    const layout = new LogLayout(log());
    layout.setFolded(1, "folded");
    expect([layout.totalUnits(), layout.unitOfLine(3), layout.unitOfLine(4)]).toEqual([6, 1, 5]);
    expect(layout.rows(0, 9).map((row) => row.line)).toEqual([0, -1, -1, 4]);
  });

  test("wrapped lines take as many rows as they need, whatever is asked first", () => {
    const text = Array.from({ length: 2000 }, (_, i) => "x".repeat(i % 37)).join("\n");
    const store = storeOf(`${text}\n`);
    const layout = new LogLayout(store);
    layout.wrapAt(10);
    let unit = 0;
    const expected = Array.from({ length: 2000 }, (_, i) => {
      const top = unit;
      unit += Math.max(1, Math.ceil((i % 37) / 10));
      return top;
    });
    for (const line of [1999, 0, 256, 257, 1500]) expect(layout.unitOfLine(line)).toBe(expected[line] ?? -1);
    expect(layout.totalUnits()).toBe(unit);
    const middle = expected[1000] ?? 0;
    expect(layout.rows(middle, middle + 1)[0]?.line).toBe(1000);
  });

  test("a wrapped line that still grows is measured again", () => {
    const store = storeOf("x".repeat(15));
    const layout = new LogLayout(store);
    layout.wrapAt(10);
    expect(layout.totalUnits()).toBe(2);
    store.append(encoder.encode("x".repeat(10)));
    expect(layout.totalUnits()).toBe(3);
  });
});

describe("search", () => {
  const find = (store: LogStore, query: Partial<LogQuery>): number[] => {
    const compiled = compileQuery({ text: "", mode: "plain", letters: "any", words: "any", ...query });
    if ("error" in compiled) throw new Error(compiled.error);
    const search = new LogSearch(compiled.pattern);
    while (search.step(store) === "more");
    return search.lines;
  };

  test("finds each line once, over chunks, in any letters", () => {
    const lines = Array.from({ length: 60_000 }, (_, i) =>
      i % 1000 === 7 ? `Needle ${i} needle` : `hay ${"y".repeat(40)}`,
    );
    const store = storeOf(`${lines.join("\n")}\n`);
    expect(find(store, { text: "NEEDLE" }).length).toBe(60);
    expect(find(store, { text: "NEEDLE", letters: "exact" })).toEqual([]);
    expect(find(store, { text: "needle 59007" })).toEqual([59_007]);
    expect(find(store, { text: "^needle \\d*7 ", mode: "regex" }).length).toBe(60);
  });

  test("looks at what is shown: colours, progress and markers aside", () => {
    const store = storeOf("\x1b[31mBUILD\x1b[0m FAILED\n", start("a"), "40%\r100%\nBUILD FAILED\n");
    expect(find(store, { text: "build failed" })).toEqual([0, 2]);
    expect(find(store, { text: "40%" })).toEqual([]);
    expect(find(store, { text: "oore-step" })).toEqual([]);
  });

  test("a marker that ends a step shifts no line after it and is not found itself", () => {
    const store = storeOf(start("a"), "one\n", end("a", "succeeded"), "between\nneedle\nlast\n");
    expect(shown(store)).toEqual(["one", "between", "needle", "last"]);
    expect(find(store, { text: "needle" })).toEqual([2]);
    expect(find(store, { text: "last" })).toEqual([3]);
    expect(find(store, { text: "exit_code" })).toEqual([]);
  });

  test("a match never reaches over the end of its line", () => {
    const store = storeOf("a\nb\n\nab\na b\n");
    const regex = (text: string) => find(store, { text, mode: "regex" });
    expect(regex("a\\sb")).toEqual([4]);
    expect(regex("[^x]b")).toEqual([3, 4]);
    expect(regex("^b")).toEqual([1]);
    expect(regex("a$")).toEqual([0]);
    expect(regex("[^x]{4}")).toEqual([]);
  });

  test("what is cut off a long line is not searched, wherever the line stands", () => {
    const store = storeOf(`first\n${"z".repeat(20_000)}needle\nneedle\n`);
    expect(find(store, { text: "needle" })).toEqual([2]);
  });

  test("the last line of a log that is over is searched also without its newline", () => {
    const store = storeOf("one\nneedle");
    expect(find(store, { text: "needle" })).toEqual([]);
    store.isOver = true;
    expect(find(store, { text: "needle" })).toEqual([1]);
  });

  test("goes on where it stopped when the log grows", () => {
    const store = storeOf("error 1\nerr");
    const compiled = compileQuery({ text: "error", mode: "plain", letters: "any", words: "any" });
    if ("error" in compiled) throw new Error(compiled.error);
    const search = new LogSearch(compiled.pattern);
    expect([search.step(store), search.lines]).toEqual(["done", [0]]);
    store.append(encoder.encode("or 2\n"));
    search.step(store);
    expect(search.lines).toEqual([0, 1]);
  });

  test("whole words are not parts of longer ones, also next to signs", () => {
    const store = storeOf("errors\nan error: here\nterror\n(error)\n");
    expect(find(store, { text: "error", words: "whole" })).toEqual([1, 3]);
    expect(find(store, { text: "error:", words: "whole" })).toEqual([1]);
    expect(find(store, { text: "err\\w+", mode: "regex", words: "whole" })).toEqual([0, 1, 3]);
  });

  test("bad patterns are told, not thrown", () => {
    expect(compileQuery({ text: "(", mode: "regex", letters: "any", words: "any" })).toHaveProperty("error");
    expect(compileQuery({ text: "a*", mode: "regex", letters: "any", words: "any" })).toEqual({
      error: "matches-everything",
    });
    const dot = compileQuery({ text: "a.b", mode: "plain", letters: "any", words: "any" });
    expect("pattern" in dot && matchRanges("axb a.b", dot.pattern)).toEqual([[4, 7]]);
  });
});

describe("times", () => {
  test("a line that came without one is as old as the place before it", () => {
    const store = storeOf("a\nb\nc\n");
    store.append(encoder.encode("d\n"), 9_000);
    expect([0, 3].map((line) => store.time(line))).toEqual([0, 9_000]);
    store.setTimes([
      { line: 0, at: 1_000 },
      { line: 2, at: 5_000 },
    ]);
    expect([0, 1, 2, 3].map((line) => store.time(line))).toEqual([1_000, 1_000, 5_000, 9_000]);
  });
});
