/** The HTTP API for setting scenes fast. What a journey is about is done by the page, never here. */
import { waitFor } from "./wait.mjs";

export const ENDED = ["succeeded", "failed", "canceled", "timed_out", "expired"];

export class Api {
  constructor(origin) {
    this.origin = origin;
    this.token = null;
  }

  /** `email` is needed as soon as several people are active. */
  async signIn(email) {
    this.token = (await this.localSession(email)).session_token;
  }

  localSession(email) {
    return this.send("POST", "/v1/auth/local/login", email ? { email } : {});
  }

  /** The same API for somebody else, who is not signed in unless a token is given. */
  as(token = null) {
    const other = new Api(this.origin);
    other.token = token;
    return other;
  }

  async send(method, path, body) {
    const response = await this.request(method, path, body);
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return response.json();
  }

  /** Answers status and code of a request that has to be refused, as `403 user_not_found`. */
  async refused(method, path, body) {
    const response = await this.request(method, path, body);
    return `${response.status} ${(await response.json()).code}`;
  }

  request(method, path, body) {
    const headers = { "content-type": "application/json", origin: this.origin };
    if (this.token) headers.authorization = `Bearer ${this.token}`;
    const sent = body === undefined ? undefined : JSON.stringify(body);
    return fetch(this.origin + path, { method, headers, body: sent });
  }

  /** A project over a repository on this machine with one pipeline that reads its .oore.yaml. */
  async project(repository, name = "Shop app") {
    if (!this.token) await this.signIn();
    const { project } = await this.send("POST", "/v1/projects", { name, local_repository_path: repository });
    const { pipeline } = await this.send("POST", `/v1/projects/${project.id}/pipelines`, {
      name: "Main",
      trigger_config: { events: [], branches: [] },
    });
    return { project, pipeline };
  }

  async run({ project, pipeline }, options = {}) {
    const body = { pipeline_id: pipeline.id, ...options };
    return (await this.send("POST", `/v1/projects/${project.id}/builds`, body)).build;
  }

  async build(id) {
    return (await this.send("GET", `/v1/builds/${id}`)).build;
  }

  async ended(id, limitMs = 90_000) {
    const check = async () => {
      const build = await this.build(id);
      return ENDED.includes(build.status) && build;
    };
    return waitFor(`build ${id} to end`, check, limitMs);
  }

  async rawLog(id) {
    const headers = { authorization: `Bearer ${this.token}` };
    const response = await fetch(`${this.origin}/v1/builds/${id}/logs/raw`, { headers });
    if (!response.ok) throw new Error(`raw log: ${response.status} ${await response.text()}`);
    return response.text();
  }
}
