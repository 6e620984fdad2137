/**
 * Bundles scripts and styles with hashed names and fills index.html.
 * It must not emit inline scripts or styles (the CSP forbids them) nor source maps.
 */
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import tailwind from "bun-plugin-tailwind";
import { policyTag } from "./hosted.ts";
import { staticImports } from "./imports.ts";
import { buildWorkers } from "./workers.ts";

/** `hosted`: served by a web host of its own, not by a daemon. */
type Place = "embedded" | "hosted";
type Options = { outdir: string; mode: "production" | "development"; place?: Place };

/** `pages` says which chunk holds which route's page, by the route file's path; `shell` are the chunks of the shell. */
export type Bundle = { pages: Map<string, string>; shell: string[] };

const root = join(import.meta.dir, "..");
const SHELL = "src/components/shell/shell.tsx";

export async function bundle({ outdir, mode, place = "embedded" }: Options): Promise<Bundle> {
  const production = mode === "production";
  const name = "assets/c-[hash].[ext]";
  const common = {
    outdir,
    target: "browser",
    minify: production,
    sourcemap: "none",
    naming: { entry: name, chunk: name, asset: name },
    define: {
      "process.env.NODE_ENV": JSON.stringify(mode),
      "process.env.OORE_HOSTED": JSON.stringify(place === "hosted" ? "1" : ""),
    },
    publicPath: "/",
  } as const;
  const define = { ...common.define, ...(await buildWorkers(common)) };
  const [script, style, german] = await Promise.all([
    Bun.build({
      ...common,
      entrypoints: [source("src/main.tsx")],
      define,
      splitting: true,
      format: "esm",
      metafile: true,
    }),
    Bun.build({ ...common, entrypoints: [source("src/styles/app.css")], plugins: [tailwind] }),
    Bun.build({ ...common, entrypoints: [source("src/messages/de/index.ts")], format: "esm" }),
  ]);
  cpSync(source("public/favicon.svg"), join(outdir, "favicon.svg"));
  const entry = entryName(script, outdir);
  const preloads = staticImports(outdir, entry);
  const shell = shellOf(script, outdir).filter((name) => name !== entry && !preloads.includes(name));
  const early = await Bun.build({
    ...common,
    entrypoints: [source("public/early.js")],
    define: {
      ...common.define,
      "process.env.OORE_SHELL": JSON.stringify(shell.map((name) => `/${name}`)),
      "process.env.OORE_APP": JSON.stringify(`/${entry}`),
      "process.env.OORE_GERMAN": JSON.stringify(`/${entryName(german, outdir)}`),
    },
    format: "iife",
  });
  writeHtml(outdir, place, {
    entry,
    early: entryName(early, outdir),
    style: entryName(style, outdir),
    preloads,
  });
  return { pages: pagesOf(script), shell };
}

function source(path: string): string {
  return join(root, path);
}

function shellOf(build: Bun.BuildOutput, outdir: string): string[] {
  const outputs = Object.entries(build.metafile?.outputs ?? {});
  const found = outputs.find(([, { entryPoint }]) => entryPoint === SHELL);
  if (!found) throw new Error(`the bundler made no chunk for ${SHELL}`);
  const chunk = found[0].replace(/^\.\//, "");
  return [chunk, ...staticImports(outdir, chunk)];
}

function pagesOf(build: Bun.BuildOutput): Map<string, string> {
  const outputs = Object.entries(build.metafile?.outputs ?? {});
  return new Map(
    outputs.flatMap(([path, { entryPoint }]) =>
      entryPoint?.endsWith(".lazy.tsx") ? [[entryPoint, path.replace(/^\.\//, "")] as const] : [],
    ),
  );
}

function entryName(build: Bun.BuildOutput, outdir: string): string {
  const file = build.outputs.find((output) => output.kind === "entry-point" || output.path.endsWith(".css"));
  if (!file) throw new Error("the bundler made no entry file");
  return file.path.slice(outdir.length + 1);
}

type Names = { entry: string; early: string; style: string; preloads: string[] };

/** For whom has no JavaScript. */
const API_HINT: Record<Place, string> = {
  embedded: `, or the API described at <a href="/docs">/docs</a>`,
  hosted: `, or the API of your instance`,
};

function writeHtml(outdir: string, place: Place, names: Names): void {
  const head = [
    ...(place === "hosted" ? [policyTag()] : []),
    `<link rel="icon" href="/favicon.svg" type="image/svg+xml" />`,
    `<script src="/${names.early}"></script>`,
    `<link rel="stylesheet" href="/${names.style}" />`,
    ...[names.entry, ...names.preloads].map((name) => `<link rel="modulepreload" href="/${name}" />`),
  ];
  const html = readFileSync(source("index.html"), "utf8");
  mkdirSync(outdir, { recursive: true });
  const filled = html.replace("<!--head-->", head.join("\n    "));
  writeFileSync(join(outdir, "index.html"), filled.replace("<!--api-->", API_HINT[place]));
}
