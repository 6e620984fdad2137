/** A plain web host with a folder of files: what is no file is answered with index.html, and no header is added. */
import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const TYPES = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
};

const frontend = fileURLToPath(new URL("../..", import.meta.url));

/** The hosted build of the UI, as `make ui-hosted` makes it; once for all journeys, which may go on at the same time. */
let built;

async function build() {
  const folder = mkdtempSync(join(tmpdir(), "oore-hosted-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  const words = ["run", "build.ts", "--hosted", "--outdir", folder];
  await promisify(execFile)(process.env.BUN || "bun", words, { cwd: frontend });
  return folder;
}

export class StaticHost {
  constructor(folder) {
    this.folder = folder;
    /** The path of every request. */
    this.asked = [];
    this.server = createServer((request, response) => this.answer(request, response));
  }

  static async startWithUi() {
    built ??= build();
    const host = new StaticHost(await built);
    await new Promise((resolve) => host.server.listen(0, "127.0.0.1", resolve));
    host.port = host.server.address().port;
    host.origin = `http://localhost:${host.port}`;
    return host;
  }

  owns(port) {
    return port === this.port;
  }

  answer(request, response) {
    const { pathname } = new URL(request.url, "http://localhost");
    this.asked.push(pathname);
    const path = join(this.folder, normalize(pathname));
    const isFile = existsSync(path) && statSync(path).isFile();
    const file = isFile ? path : join(this.folder, "index.html");
    response.setHeader("content-type", TYPES[extname(file)] ?? "application/octet-stream");
    response.end(readFileSync(file));
  }

  async stop() {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
