/** Another machine as far as programs can tell: a home folder of its own and the operator's command line. */
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export class Machine {
  constructor() {
    this.home = mkdtempSync(join(tmpdir(), "oore-machine-"));
    this.env = { ...process.env, HOME: this.home };
    this.runner = null;
  }

  /** A command of `oore` to its end. */
  run(words) {
    execFileSync(process.env.OORED_BIN, ["oore", ...words], { env: this.env, stdio: "pipe" });
  }

  /** The runner, until the journey ends. */
  start() {
    this.runner = spawn(process.env.OORED_BIN, ["oore", "runner", "start"], {
      env: this.env,
      stdio: "ignore",
    });
    this.ended = new Promise((resolve) => this.runner.once("exit", resolve));
  }

  owns() {
    return false;
  }

  async stop() {
    if (this.runner !== null) {
      this.runner.kill("SIGKILL");
      await this.ended;
    }
    rmSync(this.home, { recursive: true, force: true });
  }
}
