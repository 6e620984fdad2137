/** What the hosted build brings for web hosts: its policy, and the files that lead every page to the app. On built files. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bundle } from "../build/bundle.ts";
import { writeHostFiles } from "../build/hosted.ts";

const outdir = mkdtempSync(join(tmpdir(), "oore-ui-hosted-"));
const read = (name: string) => readFileSync(join(outdir, name), "utf8");

beforeAll(async () => {
  await bundle({ outdir, mode: "production", place: "hosted" });
  writeHostFiles(outdir);
}, 60_000);

afterAll(() => rmSync(outdir, { recursive: true, force: true }));

test("the page carries its policy itself, before any script, and nothing that a tag may not say", () => {
  const html = read("index.html");
  const policy = /<meta http-equiv="Content-Security-Policy" content="([^"]+)"/.exec(html)?.[1] ?? "";
  expect(html.indexOf("Content-Security-Policy")).toBeLessThan(html.indexOf("<script"));
  for (const rule of [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "base-uri 'none'",
    "require-trusted-types-for 'script'",
  ])
    expect(policy.split("; ")).toContain(rule);
  expect(policy).not.toMatch(/unsafe|frame-ancestors|report-uri|http:\/\/\*|(^|[ ;])\*( |;|$)/);
  expect(html).not.toMatch(/<style|<script(?![^>]*\ssrc=)|\son\w+=|style="/);
});

test("hosts that read files of rules forbid frames and find every page; others have a page for what they do not find", () => {
  expect(read("_headers")).toContain("frame-ancestors 'none'");
  expect(read("_redirects")).toContain("/index.html");
  expect(read("404.html")).toBe(read("index.html"));
});

test("it leads nowhere at its own host, which has no API", () => {
  // In its place a daemon's own page names the API beside it.
  expect(read("index.html")).toContain("the API of your instance");
  expect(read("index.html")).not.toContain("/docs");
  for (const name of readdirSync(join(outdir, "assets")))
    expect(read(`assets/${name}`)).not.toContain("OORE_HOSTED");
});
