/** The fake daemon's own update, checks, messages and support bundle, for tests only. No rules of its own. */
import type { DaemonMessage, DaemonMessageLevel, DoctorCheck, RuntimeUpdateStatus } from "@/api/types";
import { FakeTeam } from "./people";

const RANK: Record<DaemonMessageLevel, number> = { error: 0, warn: 1, info: 2 };

export class FakeSystem extends FakeTeam {
  update: RuntimeUpdateStatus = { phase: "idle", managed_service: true, version: "0.2.0" };
  checks: DoctorCheck[] = [
    { name: "database", status: "ok", what: "(database) ok" },
    { name: "disk", status: "ok", what: "(disk) ok" },
  ];

  /** The newest first. */
  messages: DaemonMessage[] = [];

  constructor() {
    super();
    const { more } = this;
    more.push([/^GET \/v1\/system\/update$/, () => this.update]);
    more.push([/^POST \/v1\/system\/update$/, () => this.#begin()]);
    more.push([/^GET \/v1\/system\/messages$/, ({ url }) => this.#said(new URL(url).searchParams)]);
    more.push([/^GET \/readyz$/, () => this.#readiness()]);
    more.push([/^GET \/v1\/system\/support-bundle$/, () => new Response("bundle of 0.2.0")]);
  }

  #said(query: URLSearchParams) {
    const least = RANK[(query.get("level") ?? "info") as DaemonMessageLevel];
    const text = query.get("q")?.toLowerCase() ?? "";
    const fitting = this.messages.filter(
      (message) => RANK[message.level] <= least && JSON.stringify(message).toLowerCase().includes(text),
    );
    return { messages: fitting.slice(0, Number(query.get("limit") ?? 200)) };
  }

  #begin() {
    this.update = { ...this.update, phase: "updating", error: undefined };
    return Response.json(this.update, { status: 202 });
  }

  #readiness() {
    const ok = this.checks.every(({ status }) => status !== "missing");
    const body = { ok, database: ok, migrations: ok, encryption: ok, checks: this.checks };
    return Response.json(body, { status: ok ? 200 : 503 });
  }
}
