/** The terminal parser against what real tools print and against hostile lines. */
import { describe, expect, test } from "bun:test";
import { colouredText, parseAnsi, plainText } from "./parse";
import { applySgr, nearestOf256, PLAIN } from "./sgr";
import { characterColumns, piecesOf } from "./width";

const shape = (line: string) =>
  parseAnsi(line).segments.map((s) => [s.text, s.className, s.href].filter((x) => x));

describe("colours and attributes", () => {
  test("sixteen colours, bold and reset", () => {
    expect(shape("\x1b[1;31merror\x1b[0m: no")).toEqual([["error", "ansi-f1 ansi-bold"], [": no"]]);
    expect(shape("\x1b[92mok")).toEqual([["ok", "ansi-f10"]]);
  });
  test("256 and true colour in both forms", () => {
    expect(shape("\x1b[38;5;208mx")).toEqual([["x", "ansi-f208"]]);
    expect(shape("\x1b[38;2;255;0;0mx")).toEqual([["x", "ansi-f196"]]);
    expect(shape("\x1b[38:2::255:0:0mx")).toEqual([["x", "ansi-f196"]]);
    expect(shape("\x1b[48;5;22;1mx")).toEqual([["x", "ansi-b22 ansi-bold"]]);
  });
  test("dim, italic, underline, strike and inverse", () => {
    expect(shape("\x1b[2;3;4;9mx")).toEqual([["x", "ansi-dim ansi-italic ansi-underline ansi-strike"]]);
    expect(shape("\x1b[7mx\x1b[27;31my\x1b[7mz")).toEqual([
      ["x", "ansi-inverse"],
      ["y", "ansi-f1"],
      ["z", "ansi-b1"],
    ]);
  });
  test("the state is carried to the next line and can be ended", () => {
    const first = parseAnsi("\x1b[31mone");
    expect(parseAnsi("two\x1b[39m.", first.end).segments).toEqual([
      { text: "two", className: "ansi-f1" },
      { text: ".", className: "" },
    ]);
  });
  test("an underline colour is skipped with its numbers", () => {
    expect(applySgr(PLAIN, "58;5;1")).toBe(PLAIN);
  });
  test("greys are matched to the grey ramp", () => {
    expect(nearestOf256(128, 128, 128)).toBe(244);
  });
});

describe("everything else is dropped", () => {
  test("cursor moves, titles, clipboard writes, charset switches and C0", () => {
    expect(plainText("\x1b[2J\x1b[1;1Ha\x1b]0;title\x07b\x1b]52;c;aGk=\x1b\\c\x1b(Bd\x00\x08e\x9b31mf")).toBe(
      "abcdef",
    );
  });
  test("but colours stay where they are asked for, and nothing else that a terminal would act on", () => {
    expect(
      colouredText("\x1b[2J\x1b[1;31mred\x1b]52;c;aGk=\x07\x1b[0m, \x1b]8;;https://a.example\x07link\x1b[1A"),
    ).toBe("\x1b[1;31mred\x1b[0m, link");
  });
  test("an unfinished string sequence hides no text", () => {
    expect(plainText("\x1b]0;never ended")).toBe("0;never ended");
  });
  test("private SGR-like sequences do not colour", () => {
    expect(shape("\x1b[>4;1mx")).toEqual([["x"]]);
  });
  test("markup stays text", () => {
    expect(shape("<img src=x onerror=alert(1)>")).toEqual([["<img src=x onerror=alert(1)>"]]);
  });
});

describe("links", () => {
  test("bare links lose sentence punctuation", () => {
    expect(shape("see https://a.example/x?y=1, or (https://b.example).")).toEqual([
      ["see "],
      ["https://a.example/x?y=1", "https://a.example/x?y=1"],
      [", or ("],
      ["https://b.example", "https://b.example"],
      [")."],
    ]);
  });
  test("OSC 8 links carry http addresses only", () => {
    expect(shape("\x1b]8;;https://a.example\x1b\\docs\x1b]8;;\x1b\\!")).toEqual([
      ["docs", "https://a.example"],
      ["!"],
    ]);
    expect(shape("\x1b]8;;javascript:alert(1)\x07x\x1b]8;;\x07")).toEqual([["x"]]);
  });
});

describe("columns", () => {
  test("tabs, wide characters and combining marks", () => {
    expect(parseAnsi("a\tb").columns).toBe(9);
    expect(characterColumns("漢字")).toBe(4);
    expect(characterColumns("e\u0301")).toBe(1);
    expect(parseAnsi("\x1b[31mab\x1b[0m").columns).toBe(2);
  });
  test("emoji take two columns, also those that are only asked for", () => {
    expect(["✅", "🚀", "🫠", "⚠", "⚠\ufe0f", "✅\ufe0f"].map(characterColumns)).toEqual([2, 2, 2, 1, 2, 2]);
  });
  test("wide characters come in pieces of one kind, nothing is lost and the rest stays as it is", () => {
    const shape = (text: string) => piecesOf(text).map(({ text, kind }) => [text, kind]);
    expect(shape("plain é")).toEqual([["plain é", null]]);
    expect(shape("a漢字b")).toEqual([
      ["a", null],
      ["漢字", "han"],
      ["b", null],
    ]);
    expect(shape("⚠\ufe0f👩\u200d👧한국")).toEqual([
      ["⚠\ufe0f👩\u200d👧", "emoji"],
      ["한국", "hangul"],
    ]);
  });
  test("wide characters are segments of their own, within their colours and links", () => {
    expect(shape("\x1b[31ma漢字\x1b[0m, https://a.example/漢 🚀")).toEqual([
      ["a", "ansi-f1"],
      ["漢字", "ansi-f1 log-wide-han"],
      [", "],
      ["https://a.example/", "https://a.example/漢"],
      ["漢", "log-wide-han", "https://a.example/漢"],
      [" "],
      ["🚀", "log-wide-emoji"],
    ]);
    expect(plainText("a漢\x1b[1m字🚀")).toBe("a漢字🚀");
  });
});
