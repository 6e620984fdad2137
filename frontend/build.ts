/**
 * Builds the web UI into --outdir: `bun run build.ts --outdir <dir> [--dev] [--hosted]`. build.rs calls this. With --hosted it is
 * for a web host of its own and brings what such hosts need.
 * It must not write into the source tree (but for the generated route tree) nor reach the network.
 */
import { mkdirSync, rmSync } from "node:fs";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { bundle } from "./build/bundle.ts";
import { compressAll } from "./build/compress.ts";
import { writeHostFiles } from "./build/hosted.ts";
import { generateRoutes } from "./build/routes.ts";

const { values } = parseArgs({
  options: {
    outdir: { type: "string", default: "dist" },
    dev: { type: "boolean", default: false },
    hosted: { type: "boolean", default: false },
  },
});
const outdir = resolve(values.outdir);

rmSync(outdir, { recursive: true, force: true });
mkdirSync(outdir, { recursive: true });
generateRoutes();
await bundle({
  outdir,
  mode: values.dev ? "development" : "production",
  place: values.hosted ? "hosted" : "embedded",
});
if (values.hosted) writeHostFiles(outdir);
if (!values.dev) compressAll(outdir);
