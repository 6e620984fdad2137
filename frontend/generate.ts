/**
 * Generates src/api/schema.gen.ts from ../openapi/openapi.json; `--check` only says whether it is current.
 * Types only: it must never emit code that runs in the browser.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const here = import.meta.dir;
const openapi = join(here, "../openapi");
const target = join(here, "src/api/schema.gen.ts");
const check = process.argv.includes("--check");

if (!existsSync(join(openapi, "node_modules"))) run(["install", "--frozen-lockfile"]);
const text = run(["x", "--bun", "openapi-typescript", "openapi.json", "--empty-objects-unknown"]);
if (check) {
  if (readFileSync(target, "utf8") !== text) {
    console.error("src/api/schema.gen.ts is out of date: run `bun run generate`");
    process.exit(1);
  }
} else {
  writeFileSync(target, text);
}

function run(args: string[]): string {
  const child = Bun.spawnSync([process.execPath, ...args], { cwd: openapi, stderr: "inherit" });
  if (child.exitCode !== 0) process.exit(child.exitCode ?? 1);
  return child.stdout.toString();
}
