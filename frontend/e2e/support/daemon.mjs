/** One real daemon on a data folder of its own. Whatever it starts is ended with it, by process id. */
import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "./port.mjs";
import { waitFor } from "./wait.mjs";

const START_LIMIT_MS = 20_000;
const STOP_LIMIT_MS = 10_000;

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

export class Daemon {
  constructor(port, settings) {
    this.port = port;
    this.settings = settings;
    this.root = mkdtempSync(join(tmpdir(), "oore-e2e-"));
    this.data = join(this.root, "data");
    this.origin = `http://localhost:${port}`;
    this.logFile = join(this.root, "oored.log");
    this.child = null;
  }

  static async start(settings = {}) {
    const daemon = new Daemon(await freePort(), settings);
    await daemon.start();
    return daemon;
  }

  owns(port) {
    return port === this.port;
  }

  async start() {
    const log = openSync(this.logFile, "a");
    const args = ["run", "--listen", `127.0.0.1:${this.port}`, "--data-dir", this.data];
    this.child = spawn(process.env.OORED_BIN, args, {
      cwd: this.root,
      env: {
        ...process.env,
        HOME: this.root,
        OORE_PUBLIC_URL: "",
        RUST_LOG: process.env.RUST_LOG ?? "info",
        ...this.settings,
      },
      stdio: ["ignore", log, log],
    });
    this.exited = new Promise((resolve) => this.child.once("exit", resolve));
    await waitFor("the daemon to answer", () => this.isHealthy(), START_LIMIT_MS);
  }

  async isHealthy() {
    if (this.child.exitCode !== null) throw new Error(`the daemon ended:\n${this.log()}`);
    const response = await fetch(`${this.origin}/healthz`).catch(() => null);
    return response?.ok ?? false;
  }

  /** What the operator does on the machine: a token that opens the set-up once. */
  setupToken() {
    const args = ["oore", "setup", "token", "--data-dir", this.data];
    const env = { ...process.env, HOME: this.root };
    return execFileSync(process.env.OORED_BIN, args, { encoding: "utf8", env }).trim();
  }

  /** As a power cut would: no chance to tidy up. The runner goes on. */
  async killHard() {
    this.child.kill("SIGKILL");
    await this.exited;
  }

  runnerPid() {
    const file = join(this.data, "runner", "runner.pid");
    const pid = existsSync(file) ? Number.parseInt(readFileSync(file, "utf8"), 10) : Number.NaN;
    return Number.isInteger(pid) && pid > 1 ? pid : null;
  }

  log() {
    return existsSync(this.logFile) ? readFileSync(this.logFile, "utf8").slice(-4_000) : "";
  }

  async stop() {
    const runner = this.runnerPid();
    if (this.child.exitCode === null && this.child.signalCode === null) {
      this.child.kill("SIGTERM");
      const timer = setTimeout(() => this.child.kill("SIGKILL"), STOP_LIMIT_MS);
      await this.exited;
      clearTimeout(timer);
    }
    if (runner !== null && isAlive(runner)) await endRunner(runner);
    rmSync(this.root, { recursive: true, force: true });
  }
}

async function endRunner(pid) {
  process.kill(pid, "SIGTERM");
  const isGone = async () => !isAlive(pid);
  await waitFor("the runner to end", isGone, STOP_LIMIT_MS).catch(() => process.kill(pid, "SIGKILL"));
}
