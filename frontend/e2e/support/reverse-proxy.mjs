/**
 * nginx in front of the daemon, as operators run it: one process in the foreground with one port for each kind of
 * configuration. It signs nobody in: a cookie stands for what an access proxy remembers of a person.
 */
import { spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { freePort } from "./port.mjs";
import { waitFor } from "./wait.mjs";

const START_LIMIT_MS = 10_000;

/** The cookie that a person's browser has for the proxy. */
export const cookieOf = (name) => `access=${name}`;

/** `sites`: name → lines of its location, besides those that every site has. */
function configuration(folder, daemon, sites, ports) {
  const servers = Object.entries(sites).map(
    ([name, lines]) => `
    server {
      listen 127.0.0.1:${ports[name]};
      location / {
        proxy_pass http://127.0.0.1:${daemon.port};
        proxy_set_header Host $http_host;
        ${lines.join("\n        ")}
      }
    }`,
  );
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
  return `
  daemon off;
  master_process off;
  pid ${folder}/nginx.pid;
  events { worker_connections 256; }
  http {
    access_log off;
    underscores_in_headers on;
    ${temporary.map((kind) => `${kind}_temp_path ${folder}/${kind};`).join("\n    ")}
    map $cookie_access $person { default ""; ~^(?<name>[a-z]+)$ "$name@example.com"; }
    ${servers.join("\n")}
  }`;
}

export class ReverseProxy {
  constructor(child, ports) {
    this.child = child;
    this.ports = ports;
  }

  owns(port) {
    return Object.values(this.ports).includes(port);
  }

  static async start(daemon, sites) {
    const folder = join(daemon.root, "nginx");
    mkdirSync(folder);
    const ports = {};
    for (const name of Object.keys(sites)) ports[name] = await freePort();
    const file = join(folder, "nginx.conf");
    writeFileSync(file, configuration(folder, daemon, sites, ports));
    const child = spawn(process.env.NGINX || "/usr/sbin/nginx", ["-p", folder, "-c", file, "-e", "stderr"], {
      stdio: ["ignore", "ignore", "pipe"],
    });
    const proxy = new ReverseProxy(child, ports);
    await proxy.answers();
    return proxy;
  }

  async answers() {
    let complaint = "";
    this.child.stderr.on("data", (part) => {
      complaint += part;
    });
    const check = async () => {
      if (this.child.exitCode !== null) throw new Error(`nginx ended:\n${complaint}`);
      const [name] = Object.keys(this.ports);
      return (await this.ask(name, "GET", "/healthz").catch(() => null))?.status === 200;
    };
    await waitFor("nginx to answer", check, START_LIMIT_MS);
  }

  origin(site) {
    return `http://localhost:${this.ports[site]}`;
  }

  /** A request to a site; `headers` as `[name, value]` pairs, which may repeat. Answers status and body. */
  ask(site, method, path, { headers = [], body } = {}) {
    const flat = [["Host", `localhost:${this.ports[site]}`], ...headers].flat();
    if (body !== undefined) flat.push("Content-Length", String(Buffer.byteLength(body)));
    return new Promise((resolve, reject) => {
      const options = { host: "127.0.0.1", port: this.ports[site], method, path, headers: flat };
      const asked = request(options, async (response) => {
        let text = "";
        for await (const part of response) text += part;
        const type = response.headers["content-type"] ?? "";
        resolve({ status: response.statusCode, body: type.includes("json") ? JSON.parse(text) : text });
      });
      asked.once("error", reject);
      asked.end(body);
    });
  }

  async stop() {
    if (this.child.exitCode !== null) return;
    const exited = new Promise((resolve) => this.child.once("exit", resolve));
    this.child.kill("SIGTERM");
    await exited;
  }
}
