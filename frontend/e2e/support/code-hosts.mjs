/**
 * GitHub and GitLab as far as a browser and the daemon see them here: GitHub's pages that make and install an app, its API of
 * apps and of one repository, and GitLab's API for a token. It answers from a real repository, and what it is asked beyond
 * that it keeps in `unknown`.
 */
import { execFileSync } from "node:child_process";
import { createPublicKey, generateKeyPairSync, verify } from "node:crypto";
import { createServer } from "node:http";

const SLUG = "oore-ci-test";
const APP_ID = 4711;
const ACCOUNT = { id: 7, login: "acme", type: "Organization" };
/** One pixel. */
const PICTURE = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  "base64",
);

export const APPLICATION_SECRET = "gloas-application-secret";
export const GITLAB_TOKEN = "glpat-00000000000000000001";

export class CodeHosts {
  /** `repository` is a folder; both hosts have it as acme/shop. */
  constructor(repository) {
    this.repository = repository;
    this.unknown = [];
    this.isInstalled = false;
    this.goodToken = GITLAB_TOKEN;
    const pair = { modulusLength: 2048, publicKeyEncoding: PUBLIC, privateKeyEncoding: PRIVATE };
    Object.assign(this, generateKeyPairSync("rsa", pair));
    this.server = createServer((request, response) => this.answer(request, response));
  }

  static async start(repository) {
    const hosts = new CodeHosts(repository);
    await new Promise((resolve) => hosts.server.listen(0, "127.0.0.1", resolve));
    hosts.port = hosts.server.address().port;
    hosts.origin = `http://127.0.0.1:${hosts.port}`;
    return hosts;
  }

  owns(port) {
    return port === this.port;
  }

  async stop() {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  async answer(request, response) {
    const url = new URL(request.url, this.origin);
    let body = "";
    for await (const part of request) body += part;
    const found =
      this.page(request.method, url, body) ??
      this.github(request, url) ??
      this.gitlab(request.headers.authorization, url);
    if (!found) this.unknown.push(`${request.method} ${request.url}`);
    const { status = 200, type = "application/json", content } = found ?? { status: 404, content: "{}" };
    response.writeHead(status, { "content-type": type }).end(content);
  }

  /** What people see at GitHub. */
  page(method, url, body) {
    if (method === "POST" && url.pathname === "/settings/apps/new") {
      this.manifest = JSON.parse(new URLSearchParams(body).get("manifest"));
      const state = encodeURIComponent(url.searchParams.get("state"));
      return page("Create GitHub App", `${this.manifest.redirect_url}?code=code1&state=${state}`);
    }
    if (url.pathname === `/github-apps/${SLUG}/installations/new`) {
      this.isInstalled = true;
      return page("Install", `${this.manifest.setup_url}?installation_id=1&setup_action=install`);
    }
    if (url.pathname === "/oauth/authorize") {
      const asked = url.searchParams;
      const back = `${asked.get("redirect_uri")}?state=${encodeURIComponent(asked.get("state"))}`;
      return page("Authorize", `${back}&code=code1`, "Deny", `${back}&error=access_denied`);
    }
    if (url.pathname === "/oauth/token") return this.exchange(new URLSearchParams(body));
    if (url.pathname === "/favicon.ico") return { type: "image/png", content: PICTURE };
    return url.pathname.endsWith(".png") ? { type: "image/png", content: PICTURE } : null;
  }

  github({ method, headers }, url) {
    const path = `${method} ${url.pathname.replace("/api/v3/", "")}`;
    if (path === "POST app-manifests/code1/conversions") return json(this.app(), 201);
    if (path === "GET app/installations") {
      if (!this.isApp(headers.authorization)) return json({ message: "Bad credentials" }, 401);
      return json(this.isInstalled ? [{ id: 1, account: ACCOUNT, suspended_at: null }] : []);
    }
    if (path === "POST app/installations/1/access_tokens") {
      const expires_at = new Date(Date.now() + 3_600_000).toISOString().replace(/\.\d+/, "");
      return json({ token: "ghs_1", expires_at, permissions: { contents: "read" } }, 201);
    }
    if (path === "GET app/hook/deliveries") return json([]);
    if (path === "GET installation/repositories")
      return json({ total_count: 1, repositories: [this.shop()] });
    const [, rest] = /^GET repos\/acme\/shop\/?(.*)$/.exec(path) ?? [];
    return rest === undefined ? null : this.files(rest, url);
  }

  app() {
    const events = this.manifest.default_events;
    const secrets = { client_secret: "client-1", webhook_secret: "hook-1", pem: this.privateKey };
    const html_url = `${this.origin}/github-apps/${SLUG}`;
    return {
      id: APP_ID,
      slug: SLUG,
      name: this.manifest.name,
      client_id: "Iv1.1",
      html_url,
      events,
      ...secrets,
    };
  }

  isApp(proof = "") {
    const [header, claims, signature] = proof.replace("Bearer ", "").split(".");
    if (!signature) return false;
    const signed = Buffer.from(`${header}.${claims}`);
    return verify("sha256", signed, createPublicKey(this.publicKey), Buffer.from(signature, "base64url"));
  }

  shop() {
    const owner = { ...ACCOUNT, avatar_url: `${this.origin}/avatars/acme.png` };
    const clone_url = `${this.origin}/acme/shop.git`;
    return { id: 41, full_name: "acme/shop", private: true, default_branch: "main", clone_url, owner };
  }

  files(rest, url) {
    if (rest === "") return json(this.shop());
    const [kind, ...parts] = rest.split("/");
    if (rest === "branches")
      return json([{ name: "main", commit: { sha: this.git("rev-parse", "main").trim() } }]);
    if (rest === "tags" || rest === "pulls") return json([]);
    if (kind === "commits") {
      return { type: "application/vnd.github.sha", content: this.git("rev-parse", parts.join("/")).trim() };
    }
    if (rest.startsWith("git/trees/")) {
      const deep = url.searchParams.has("recursive") ? ["-r", "-t"] : [];
      const tree = this.git("ls-tree", ...deep, parts[1])
        .trim()
        .split("\n")
        .map(entryOf);
      return json({ sha: parts[1], tree, truncated: false });
    }
    if (rest.startsWith("git/commits/")) {
      const [sha, message, name] = this.git("log", "-1", "--format=%H%x1f%s%x1f%an", parts[1])
        .trim()
        .split("\x1f");
      return json({ sha, message, author: { name } });
    }
    if (kind === "contents") return this.file(parts.join("/"), url.searchParams.get("ref"));
    return null;
  }

  file(path, ref) {
    const listed = this.git("ls-tree", ref, "--", path).trim();
    if (!listed) return json({ message: "Not Found" }, 404);
    if (entryOf(listed).type === "tree") return json({ type: "dir", path, entries: [] });
    const content = Buffer.from(this.git("show", `${ref}:${path}`));
    return json({
      type: "file",
      path,
      size: content.length,
      encoding: "base64",
      content: content.toString("base64"),
    });
  }

  git(...args) {
    return execFileSync("git", ["-C", this.repository, ...args], { encoding: "utf8" });
  }

  gitlab(proof, url) {
    const [, path] = /^\/api\/v4\/(.*)$/.exec(url.pathname) ?? [];
    if (!path) return null;
    if (proof !== `Bearer ${this.goodToken}`) return json({ message: "401 Unauthorized" }, 401);
    if (path === "user") return json({ id: 3, username: "ana", bot: false });
    if (path === "personal_access_tokens/self") {
      return json({
        id: 1,
        user_id: 3,
        scopes: ["read_api", "read_repository"],
        active: true,
        revoked: false,
      });
    }
    if (path === "projects") return json([this.project()]);
    return path === "projects/51/avatar" ? { type: "image/png", content: PICTURE } : null;
  }

  exchange(form) {
    const isRight = form.get("client_id") === "app-1" && form.get("client_secret") === APPLICATION_SECRET;
    if (!isRight) return json({ error: "invalid_client" }, 401);
    const scope = "read_api read_repository";
    return json({ access_token: this.goodToken, refresh_token: "refresh-1", expires_in: 7200, scope });
  }

  project() {
    return {
      id: 51,
      path_with_namespace: "acme/shop",
      default_branch: "main",
      visibility: "private",
      avatar_url: `${this.origin}/uploads/-/system/project/avatar/51/logo.png`,
      http_url_to_repo: `${this.origin}/acme/shop.git`,
    };
  }
}

const PUBLIC = { type: "spki", format: "pem" };
const PRIVATE = { type: "pkcs1", format: "pem" };

const json = (value, status = 200) => ({ status, content: JSON.stringify(value) });

function page(...labelsAndPlaces) {
  const links = [];
  for (let at = 0; at < labelsAndPlaces.length; at += 2) {
    const href = labelsAndPlaces[at + 1].replaceAll("&", "&amp;").replaceAll('"', "&quot;");
    links.push(`<a href="${href}">${labelsAndPlaces[at]}</a>`);
  }
  const content = `<!doctype html><html lang="en"><link rel="icon" href="data:,"><title>A code host</title>${links.join(" ")}`;
  return { type: "text/html", content };
}

function entryOf(line) {
  const [meta, path] = line.split("\t");
  const [mode, type, sha] = meta.split(" ");
  return { path, mode, type, sha };
}
