/** Builds each *.worker.ts under src into a script of its own and says under which address. It must not touch the main bundle. */
import { basename, join } from "node:path";

const root = join(import.meta.dir, "..");

/** Values for `define`, so that src/lib/workers.ts knows the hashed names. */
export async function buildWorkers(
  options: Omit<Bun.BuildConfig, "entrypoints">,
): Promise<Record<string, string>> {
  const found = [...new Bun.Glob("src/**/*.worker.ts").scanSync({ cwd: root })].sort();
  const defines: Record<string, string> = {};
  for (const path of found) {
    const built = await Bun.build({
      ...options,
      entrypoints: [join(root, path)],
      format: "esm",
    } as Bun.BuildConfig);
    const output = built.outputs[0];
    if (!output) throw new Error(`nothing was built from ${path}`);
    const variable = `OORE_WORKER_${basename(path, ".worker.ts").toUpperCase()}`;
    defines[`process.env.${variable}`] = JSON.stringify(`/assets/${basename(output.path)}`);
  }
  return defines;
}
