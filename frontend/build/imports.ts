/** Reads which chunks a built chunk imports, for modulepreload and for the weight test. It must not change files. */
import { readFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";

const transpiler = new Bun.Transpiler({ loader: "js" });

/** Every chunk that loading `entry` loads too, without `entry` itself; names are relative to `outdir`. */
export function staticImports(outdir: string, entry: string): string[] {
  return closure(outdir, entry, "import-statement").filter((name) => name !== entry);
}

/** The chunks that `entry` (and its static imports) may load later. */
export function dynamicImports(outdir: string, entry: string): string[] {
  const found = [entry, ...staticImports(outdir, entry)].flatMap((name) =>
    directImports(outdir, name, "dynamic-import"),
  );
  return [...new Set(found)];
}

function closure(outdir: string, entry: string, kind: string): string[] {
  const seen = new Set<string>();
  const queue = [entry];
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
    if (seen.has(name)) continue;
    seen.add(name);
    queue.push(...directImports(outdir, name, kind));
  }
  return [...seen];
}

function directImports(outdir: string, name: string, kind: string): string[] {
  const found = transpiler.scanImports(readFileSync(join(outdir, name), "utf8"));
  return found
    .filter((item) => item.kind === kind && /\.js$/.test(item.path))
    .map((item) => relativeName(name, item.path));
}

function relativeName(from: string, path: string): string {
  return path.startsWith("/") ? path.slice(1) : posix.normalize(join(dirname(from), path));
}
