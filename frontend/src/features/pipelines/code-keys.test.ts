/** Tab and Enter in a code field. */
import { expect, test } from "bun:test";
import { indentationAfter, shifted } from "./code-keys";

test("a new line is as far in as the one before, and further after a key", () => {
  expect(indentationAfter("a:\n  b", 6)).toBe("  ");
  expect(indentationAfter("a:\n  b:", 7)).toBe("    ");
  expect(indentationAfter("", 0)).toBe("");
});

test("the lines of a selection move in and out again, with the selection on the same words", () => {
  const text = "a:\nb:\n\n  c";
  const moved = shifted(text, { from: 0, to: 5 }, false);
  expect(moved.change).toEqual({ from: 0, to: 5, text: "  a:\n  b:" });
  expect(moved.selection).toEqual({ from: 2, to: 9 });
  const back = shifted("  a:\n  b:\n\n  c", { from: 2, to: 9 }, true);
  expect(back.change.text).toBe("a:\nb:");
  expect(back.selection).toEqual({ from: 0, to: 5 });
});

test("a selection that ends at the beginning of a line leaves that line alone", () => {
  expect(shifted("a\nb\n", { from: 0, to: 2 }, false).change).toEqual({ from: 0, to: 1, text: "  a" });
});
