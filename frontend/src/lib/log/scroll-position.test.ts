/** How far a log is scrolled: exactly, while it grows, and while it is not displayed. */
import { expect, test } from "bun:test";
import { MAX_SPACER_PX } from "./scroll";
import { ScrollPosition } from "./scroll-position";

const CAPPED = 10 * MAX_SPACER_PX;

/** An element as browsers have it: scrolled by whole pixels, and not at all while it is not displayed. */
function shownAt(height: number) {
  const root = document.createElement("div");
  let viewport = 400;
  let scrolled = 0;
  Object.defineProperty(root, "clientHeight", { get: () => viewport });
  Object.defineProperty(root, "scrollTop", {
    get: () => scrolled,
    set: (top: number) => {
      scrolled = viewport === 0 ? 0 : Math.round(top);
    },
  });
  const position = new ScrollPosition(root, height);
  const display = (shown: number) => {
    viewport = shown;
    if (shown === 0) scrolled = 0;
    position.restoreAfterHiding(false);
  };
  return { root, position, hide: () => display(0), show: () => display(400) };
}

test("a jump within a log that is higher than can be scrolled is exact, until the reader scrolls", () => {
  const { root, position } = shownAt(CAPPED);
  position.jump(1_234_567);
  expect(position.top).toBe(1_234_567);
  root.scrollTop += 10;
  expect(position.top).toBeGreaterThan(1_234_567 + 90);
});

test("growth leaves the reader in place, or at the end who follows", () => {
  const { position } = shownAt(CAPPED);
  position.jump(5_000_000);
  expect(position.resize(2 * CAPPED, false)).toBe(true);
  expect(position.top).toBe(5_000_000);
  expect(position.resize(2 * CAPPED, false)).toBe(false);
  expect(position.resize(3 * CAPPED, true)).toBe(true);
  expect(position.top).toBe(3 * CAPPED - 400);
  expect(shownAt(1_000).position.resize(2_000, false)).toBe(false);
});

test("an element that comes back shows what it showed", () => {
  const { root, position, hide, show } = shownAt(100_000);
  root.scrollTop = 5_000;
  position.moved();
  hide();
  expect(position.top).toBe(0);
  show();
  expect(position.top).toBe(5_000);
});

test("a place that was jumped to while the element was not displayed is shown as soon as it is", () => {
  const { position, hide, show } = shownAt(100_000);
  hide();
  position.jump(7_000);
  show();
  expect(position.top).toBe(7_000);
});
