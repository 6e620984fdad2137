/** Words and places of the pages, in one spot: a changed label is changed here, not in every journey. */
import { waitFor } from "./wait.mjs";

export const log = (page) => page.getByRole("region", { name: "Build log" });

export const status = (page, word) =>
  page.getByRole("region", { name: "Facts" }).getByText(word, { exact: true });

export async function waitForStatus(page, word, limitMs = 90_000) {
  await status(page, word).waitFor({ timeout: limitMs });
}

/** Signed in and the shell is there. On a fresh instance this makes the owner. */
export async function arrive(stage, path = "/") {
  await stage.go(path);
  await stage.page.locator("main#main h1").waitFor();
  await stage.page.getByRole("navigation", { name: "Main" }).first().waitFor();
}

export const rowTexts = (page) =>
  page.locator(".log-row .log-text").evaluateAll((rows) => rows.map((row) => row.textContent));

export async function waitForLine(page, text, limitMs = 60_000) {
  const check = async () => (await rowTexts(page)).some((line) => line.includes(text));
  await waitFor(`the line “${text}”`, check, limitMs);
}

/** Numbers that a counting build printed (`tick 17`), as the page shows them from top to bottom. */
export async function ticksOnPage(page) {
  return (await rowTexts(page)).flatMap((line) => {
    const match = /^tick (\d+)/.exec(line);
    return match ? [Number(match[1])] : [];
  });
}

/** The heading of the set-up step that is on screen. */
export const step = (page, title) =>
  page.locator('li[aria-current="step"]').getByRole("heading", { level: 2, name: title });
