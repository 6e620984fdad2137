/** Shows the main pages in German and looks for what only English says. Started by ../german.test.ts with the English words. */
import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { screen, waitFor } from "@testing-library/react";
import { german } from "@/messages/de";

const english: string[] = JSON.parse(readFileSync(process.env.OORE_ENGLISH ?? "", "utf8"));
const whole = new Set(english);
const parts = english.filter((text) => text.length > 11);

// As public/early.js leaves the page, before the app is there.
document.documentElement.lang = "de";
globalThis.ooreWords = german;
const { openApp } = await import("../app.tsx");
const { PAGES } = await import("../fake/pages.ts");
const { fullDaemon } = await import("./daemon.ts");

const ATTRIBUTES = ["aria-label", "aria-description", "title", "placeholder", "alt"];

function shownTexts(): string[] {
  const texts = [document.title];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) texts.push(walker.currentNode.textContent ?? "");
  for (const element of document.body.querySelectorAll("*")) {
    for (const name of ATTRIBUTES) texts.push(element.getAttribute(name) ?? "");
  }
  return texts.map((text) => text.trim()).filter(Boolean);
}

const isEnglish = (text: string) => whole.has(text) || parts.some((part) => text.includes(part));

async function leftIn(path: string, as: "owner" | "stranger" = "owner") {
  const { container, unmount } = openApp(path, { daemon: fullDaemon(path), as });
  await screen.findByRole("heading", { level: 1 });
  await waitFor(() => expect(container.querySelector("[aria-busy=true]") === null).toBe(true));
  const left = new Set(shownTexts().filter(isEnglish));
  unmount();
  return [...left].map((finding) => `${path}: ${finding}`);
}

test("no page in the shell shows English words", async () => {
  const findings = [];
  for (const path of PAGES) findings.push(...(await leftIn(path)));
  expect(findings).toEqual([]);
});

test("nor do the pages without it", async () => {
  const findings = [];
  for (const path of ["/login", "/connect", "/nowhere"]) findings.push(...(await leftIn(path, "stranger")));
  expect(findings).toEqual([]);
});

test("numbers, times and how many there are follow the language", async () => {
  const { formatBytes, formatMoment, formatNumber, formatRelative } = await import("@/lib/format");
  const { listWords } = await import("@/messages/en/build-list");
  expect(formatNumber(1234.5)).toBe("1.234,5");
  expect(formatBytes(1_500_000)).toBe("1,5 MB");
  expect(formatRelative(0, 240_000)).toBe("vor 4 Min");
  expect(formatMoment(new Date(2026, 0, 2, 3, 4).getTime())).toBe("02.01.2026, 03:04");
  expect([1, 2].map(listWords.fresh)).toEqual(["1 neuer Build", "2 neue Builds"]);
});

test("what is looked for would be found", () => {
  expect(["Run a build", "Loading builds", "Cancel 3 builds?"].map(isEnglish)).toEqual([true, false, false]);
});
