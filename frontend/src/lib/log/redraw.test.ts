/** When a log is painted: not more often than it shows, and never waiting for what will not come. */
import { expect, test } from "bun:test";
import { Redraw } from "./redraw";

const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));

/** What is to be painted, each picture ready when the test says so. */
function pictures() {
  const ready: (() => void)[] = [];
  const redraw = new Redraw(() => new Promise((resolve) => ready.push(resolve)));
  return { redraw, ready };
}

test("many requests are one picture, and those that come while it is painted are one more", async () => {
  const { redraw, ready } = pictures();
  redraw.request();
  redraw.request();
  await frame();
  expect(ready.length).toBe(1);
  redraw.request();
  redraw.request();
  await frame();
  expect(ready.length).toBe(1);
  ready[0]?.();
  await frame();
  await frame();
  expect(ready.length).toBe(2);
  ready[1]?.();
  await frame();
  await frame();
  expect(ready.length).toBe(2);
});

test("a picture that never comes holds up nothing after a new beginning, and is no end of the next if it comes", async () => {
  const { redraw, ready } = pictures();
  redraw.request();
  await frame();
  redraw.restart();
  await frame();
  expect(ready.length).toBe(2);
  ready[0]?.();
  await frame();
  redraw.request();
  await frame();
  expect(ready.length).toBe(2);
  ready[1]?.();
  await frame();
  await frame();
  expect(ready.length).toBe(3);
});

test("nothing is painted after the end", async () => {
  const { redraw, ready } = pictures();
  redraw.request();
  redraw.end();
  redraw.request();
  redraw.restart();
  await frame();
  await frame();
  expect(ready.length).toBe(0);
});
