/**
 * The main pages in German hold no English of the catalogue. A page takes its words as it starts, so they are shown by a process
 * of their own: german/pages.check.tsx, which is told here what English says.
 */
import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { german } from "@/messages/de";
import { saidBy } from "./german/said.ts";

const src = join(import.meta.dir, "../src");
const folder = mkdtempSync(join(tmpdir(), "oore-ui-words-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("the main pages are German from the title to the last hint", async () => {
  const paths = [...new Bun.Glob("messages/en/*.ts").scanSync({ cwd: src })];
  const english = saidBy(await Promise.all(paths.map((path) => import(join(src, path)))));
  const both = new Set(saidBy(german));
  const file = join(folder, "english.json");
  writeFileSync(file, JSON.stringify(english.filter((text) => !both.has(text))));
  const { exitCode, stderr } = Bun.spawnSync(
    [process.execPath, "test", "--timeout", "300000", "./test/german/pages.check.tsx"],
    { cwd: join(src, ".."), env: { ...process.env, OORE_ENGLISH: file }, stderr: "pipe", stdout: "pipe" },
  );
  const findings = stderr.toString().split("\n");
  expect(exitCode === 0 ? [] : findings.filter((line) => !line.includes("act("))).toEqual([]);
}, 300_000);
