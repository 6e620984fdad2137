/** Copying where the browser lets a page, where it does not, and without the clipboard API. */
import { afterEach, expect, spyOn, test } from "bun:test";
import { openApp } from "./app.tsx";
import { FakeDaemon } from "./fake/daemon.ts";
import { button } from "./find.ts";

afterEach(() => {
  // The world's own are behind them.
  Reflect.deleteProperty(document, "execCommand");
  Reflect.deleteProperty(navigator, "clipboard");
});

/** As on a page that came without encryption; what the browser answers to the command is up to the test. */
function withoutClipboard(answer: (selected: string) => boolean): void {
  Object.defineProperty(navigator, "clipboard", { value: undefined, configurable: true });
  const execCommand = () => answer((document.activeElement as HTMLTextAreaElement).value);
  Object.defineProperty(document, "execCommand", { value: execCommand, configurable: true });
}

function openBroken() {
  const daemon = new FakeDaemon();
  daemon.failOn("GET /v1/projects", { status: 400, code: "invalid_input", error: "the list is broken" });
  return openApp("/projects", { daemon });
}

test("a browser that refuses to copy is not said to have copied", async () => {
  const { user } = openBroken();
  const copy = await button("Copy details");
  const refused = spyOn(navigator.clipboard, "writeText").mockRejectedValue(new Error("denied"));
  await user.click(copy);
  expect(await button("Could not be copied")).toBe(copy);
  refused.mockRestore();
});

test("without the clipboard API the browser's answer counts, and the focus stays where it was", async () => {
  const { user } = openBroken();
  const copy = await button("Copy details");
  let selected = "";
  withoutClipboard((text) => {
    selected = text;
    return false;
  });
  await user.click(copy);
  await button("Could not be copied");
  expect(selected).toContain("the list is broken");
  expect(document.activeElement === copy).toBe(true);
  withoutClipboard(() => true);
  await user.click(copy);
  await button("Copied");
});
