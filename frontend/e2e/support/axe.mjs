/** axe in the page: WCAG 2.2 A and AA and its best practices, nothing left out; and icons that nothing draws. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const source = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

/**
 * One line a finding, of the page from its top: what is scrolled half under the bar counts as too small. The script is run by
 * the debugger: the page's policy rightly refuses a script element.
 */
export async function axeFindings(page) {
  await page.evaluate(source);
  return page.evaluate(async (tags) => {
    const { scrollX, scrollY } = window;
    window.scrollTo(0, 0);
    const { violations } = await window.axe.run(document, { runOnly: { type: "tag", values: tags } });
    window.scrollTo(scrollX, scrollY);
    const findings = violations.map(({ id, nodes }) => {
      const first = nodes
        .slice(0, 3)
        .map(({ html, any, all }) => `${html.slice(0, 160)} ${any[0]?.message ?? all[0]?.message ?? ""}`);
      return `${id} ×${nodes.length}: ${first.join(" | ")}`;
    });
    const icons = [...document.querySelectorAll("use")].map((use) => use.getAttribute("href") ?? "");
    const undrawn = new Set(icons.filter((icon) => !document.querySelector(icon || "none")));
    return [...findings, ...[...undrawn].map((icon) => `no drawing of ${icon}`)];
  }, TAGS);
}
