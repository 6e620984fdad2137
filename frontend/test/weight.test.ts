/** The first page must stay small: measured on built files, page by page. It must not look at sources. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { bundle } from "../build/bundle.ts";
import { staticImports } from "../build/imports.ts";
import { generateRoutes } from "../build/routes.ts";
import { ICONS } from "../src/components/ui/icon-paths.ts";
import { MORE_ICONS } from "../src/components/ui/more-icons.ts";

const LIMIT_BYTES = 150_000;
/** The build page is never the first page of a visit; it carries the log viewer. */
const BUILD_PAGE = "src/routes/builds.$buildId.lazy.tsx";
const LIMIT_BUILD_PAGE_BYTES = 175_000;
/** The page that strangers see first does without what the pages in the shell share. */
const SIGN_IN_PAGE = "src/routes/login.lazy.tsx";
const LIMIT_SIGN_IN_PAGE_BYTES = 130_000;
const BARE_PAGES = ["login", "start", "auth.callback", "auth.again", "connect"].map(
  (name) => `src/routes/${name}.lazy.tsx`,
);
const LIMITS = new Map([
  [BUILD_PAGE, LIMIT_BUILD_PAGE_BYTES],
  [SIGN_IN_PAGE, LIMIT_SIGN_IN_PAGE_BYTES],
]);
const LIMIT_REQUESTS = 8;
const LIMIT_ALL_BYTES = 600_000;
const LIMIT_CHUNK_BYTES = 140_000;
/** All words of another language than English, which come before the app starts. */
const LIMIT_LANGUAGE_BYTES = 44_000;
const LIMIT_CSS_BYTES = 20_000;

const outdir = mkdtempSync(join(tmpdir(), "oore-ui-weight-"));
let pages: Map<string, string>;
let shell: string[];
let html: string;

beforeAll(async () => {
  generateRoutes();
  ({ pages, shell } = await bundle({ outdir, mode: "production" }));
  html = readFileSync(join(outdir, "index.html"), "utf8");
}, 60_000);

afterAll(() => rmSync(outdir, { recursive: true, force: true }));

test("every page loads few scripts: 150 kB gzipped (the build page 175, signing in 130) in at most 8 requests", () => {
  expect(pages.size).toBeGreaterThan(5);
  const always = scriptsOf(html);
  for (const [page, chunk] of pages) {
    const scripts = new Set(always.flatMap((name) => [name, ...importsOf(name)]));
    const frame = BARE_PAGES.includes(page) ? [] : shell;
    for (const name of [...frame, chunk, ...staticImports(outdir, chunk)]) scripts.add(name);
    const bytes = [...scripts].reduce((sum, name) => sum + gzipped(name), 0);
    const limit = LIMITS.get(page) ?? LIMIT_BYTES;
    expect({
      page,
      fits: bytes <= limit,
      few: scripts.size <= LIMIT_REQUESTS,
      bytes,
      requests: scripts.size,
    }).toMatchObject({
      fits: true,
      few: true,
    });
  }
});

test("all scripts together are at most 600 kB gzipped, the editor and the charts included, and none is over 140", () => {
  const scripts = readdirSync(join(outdir, "assets")).filter((name) => name.endsWith(".js"));
  const sizes = scripts.map((name) => ({ name, bytes: gzipped(`assets/${name}`) }));
  expect(sizes.length).toBeGreaterThan(pages.size);
  expect(sizes.filter(({ bytes }) => bytes > LIMIT_CHUNK_BYTES)).toEqual([]);
  expect(sizes.reduce((sum, { bytes }) => sum + bytes, 0)).toBeLessThanOrEqual(LIMIT_ALL_BYTES);
});

test("signing in brings the icons that it shows, and not those of the app", () => {
  const text = [...scriptsOf(html), pages.get(SIGN_IN_PAGE) ?? ""]
    .flatMap((name) => [name, ...importsOf(name)])
    .map((name) => readFileSync(join(outdir, name), "utf8"))
    .join("");
  expect(text).toContain(ICONS.spinner);
  expect(text).not.toContain(MORE_ICONS.pipeline);
});

test("whom is signed in gets the shell beside the app, a stranger does not get it at all", () => {
  const [early = ""] = scriptsOf(html);
  const text = readFileSync(join(outdir, early), "utf8");
  expect(shell.length).toBeGreaterThan(0);
  for (const name of shell) {
    expect(text).toContain(`"/${name}"`);
    expect(html).not.toContain(name);
  }
});

test("German is one chunk of words, which English pages neither load nor name before it is chosen", () => {
  const [early = ""] = scriptsOf(html);
  const text = readFileSync(join(outdir, early), "utf8");
  const chunks = readdirSync(join(outdir, "assets")).filter((name) =>
    readFileSync(join(outdir, "assets", name), "utf8").includes("Rückgängig"),
  );
  expect(chunks.length).toBe(1);
  const [german] = chunks.map((name) => `assets/${name}`);
  expect(text).toContain(`"/${german}"`);
  expect(html).not.toContain(german);
  expect(importsOf(german ?? "")).toEqual([]);
  expect(gzipped(german ?? "")).toBeLessThanOrEqual(LIMIT_LANGUAGE_BYTES);
});

test("the style sheet is small and the page has no inline script or style", () => {
  const style = /href="\/(assets\/[^"]+\.css)"/.exec(html)?.[1];
  expect(gzipped(style ?? "")).toBeLessThanOrEqual(LIMIT_CSS_BYTES);
  expect(html).not.toMatch(/<style|<script(?![^>]*\ssrc=)|\son\w+=|style="/);
});

test("no source map and no address outside is shipped", () => {
  for (const name of readdirSync(join(outdir, "assets"))) {
    expect(name).not.toEndWith(".map");
    expect(readFileSync(join(outdir, "assets", name), "utf8")).not.toContain("sourceMappingURL");
  }
  expect(html).not.toMatch(/(src|href)="(https?:)?\/\//);
});

function scriptsOf(page: string): string[] {
  return [...page.matchAll(/(?:src|href)="\/(assets\/[^"]+\.js)"/g)].flatMap((match) => match[1] ?? []);
}

function importsOf(name: string): string[] {
  return staticImports(outdir, name);
}

function gzipped(name: string): number {
  return gzipSync(readFileSync(join(outdir, name)), { level: 9 }).length;
}
