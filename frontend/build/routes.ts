/** Runs TanStack's route generator over src/routes. It must not be given any other folder. */
import { join } from "node:path";

const root = join(import.meta.dir, "..");

export function generateRoutes(): void {
  const tsr = join(root, "node_modules/@tanstack/router-cli/bin/tsr.cjs");
  const child = Bun.spawnSync([process.execPath, "--bun", tsr, "generate"], {
    cwd: root,
    stdout: "ignore",
    stderr: "inherit",
  });
  if (child.exitCode !== 0) throw new Error("route generation failed");
}
