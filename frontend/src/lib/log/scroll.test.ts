/** Scaled scrolling: what is asked for is what is shown, at any height. */
import { expect, test } from "bun:test";
import { MAX_SPACER_PX, scrollTopOf, spacerHeight, topOf } from "./scroll";

test("a log that fits scrolls one to one", () => {
  const extent = { total: 5_000, viewport: 700 };
  expect([spacerHeight(extent), topOf(1_234, extent), scrollTopOf(1_234, extent)]).toEqual([
    5_000, 1_234, 1_234,
  ]);
});

test("a log of a million lines ends at its last line", () => {
  const extent = { total: 20_000_000, viewport: 700 };
  expect(spacerHeight(extent)).toBe(MAX_SPACER_PX);
  expect(topOf(MAX_SPACER_PX - 700, extent)).toBe(20_000_000 - 700);
  expect(topOf(scrollTopOf(12_345_678, extent), extent)).toBeCloseTo(12_345_678, 3);
});

test("a log shorter than its window does not scroll", () => {
  const extent = { total: 100, viewport: 700 };
  expect([topOf(50, extent), scrollTopOf(50, extent)]).toEqual([0, 0]);
});
