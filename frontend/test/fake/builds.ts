/** A fake daemon whose builds have logs and artifacts, the log's worker running in the same thread. For tests only. */
import type { Artifact, Build, BuildFailure, BuildLogIndex } from "@/api/types";
import { timesKept } from "@/features/logs/choices";
import { LogEngine } from "@/lib/log/engine";
import type { FromWorker, ToWorker } from "@/lib/log/messages";
import { FakeDaemon } from "./daemon.ts";
import { aBuild, NOW } from "./data.ts";

class InThreadWorker {
  onmessage: ((event: { data: FromWorker }) => void) | null = null;
  private readonly engine = new LogEngine((data) => this.onmessage?.({ data }));
  postMessage(message: ToWorker): void {
    queueMicrotask(() => this.engine.handle(message));
  }
  terminate(): void {
    this.onmessage = null;
  }
}

/** The log as every test begins with it. */
export function withLogs(): void {
  timesKept.set("off");
  Object.assign(globalThis, { Worker: InThreadWorker });
}

const marker = (fields: object): string => `[oore-step] ${JSON.stringify(fields)}\n`;
export const RED_LOG = [
  marker({ event: "start", name: "checkout", command: "" }),
  "HEAD is now at 4f2a9c1\n",
  marker({ event: "end", name: "checkout", status: "succeeded", exit_code: 0 }),
  marker({ event: "start", name: "build-1", command: "flutter build apk" }),
  "$ flutter build apk\n",
  "lib/main.dart:3:1: Error: Expected ';'.\n",
  marker({ event: "end", name: "build-1", status: "failed", exit_code: 1 }),
].join("");

type LogAnswer = { text?: string; status?: number };

/** A daemon that also has logs and artifacts. */
export function daemonWith(builds: Build[], log: LogAnswer = {}): FakeDaemon {
  const daemon = new FakeDaemon();
  daemon.builds = builds;
  daemon.files = [anArtifact];
  const { fetch } = daemon;
  const answer = async (input: RequestInfo | URL, init?: RequestInit): Promise<Response> => {
    const { pathname } = new URL(new Request(input, init).url);
    if (pathname.endsWith("/logs/raw")) {
      if (log.status) return Response.json({ error: "gone", code: "log_removed" }, { status: log.status });
      const text = log.text ?? "";
      const sequence = text.split("\n").length - 2;
      return new Response(text, { headers: { "x-oore-log-sequence": String(sequence) } });
    }
    if (pathname.endsWith("/artifacts")) return Response.json({ artifacts: daemon.files });
    return fetch(input, init);
  };
  return Object.assign(daemon, { fetch: answer });
}

export const anArtifact: Artifact = {
  id: "a1",
  build_id: "b1",
  name: "app.apk",
  artifact_type: "apk",
  file_path: "",
  file_size: 1_234_567,
  checksum: "9f86d081",
  metadata: {},
  created_at: NOW,
  state: "available",
};

const FAILURE: BuildFailure = {
  status: "failed",
  reason: "step_failed",
  step: "build-1",
  exit_code: 1,
  cause: {
    id: "dart_compile",
    tool: "dart",
    title: "The Dart compiler refused the code",
    hint: "Open the file.",
  },
  excerpt: [
    { line: 2, step_line: 1, text: "$ flutter build apk", is_error: false },
    { line: 3, step_line: 2, text: "lib/main.dart:3:1: Error: Expected ';'.", is_error: true },
  ],
  failures_before: 0,
};

const INDEX: BuildLogIndex = {
  sequence: 6,
  lines: 3,
  bytes: RED_LOG.length,
  steps: [
    { name: "", first_line: 1, lines: 0, first_byte: 0, bytes: 0 },
    {
      name: "checkout",
      first_line: 1,
      lines: 1,
      first_byte: 0,
      bytes: 10,
      started_at: NOW * 1000,
      ended_at: NOW * 1000 + 1_000,
      status: "succeeded",
    },
    {
      name: "build-1",
      first_line: 2,
      lines: 2,
      first_byte: 10,
      bytes: 10,
      started_at: NOW * 1000 + 1_000,
      ended_at: NOW * 1000 + 20_000,
      status: "failed",
      exit_code: 1,
    },
  ],
  places: [{ line: 1, byte: 0, sequence: 1, at: new Date(2026, 0, 2, 3, 4, 5).getTime() }],
  errors: [{ line: 3, lines: 1 }],
  error_lines: 1,
};

/** A failed build whose log the server has looked at. */
export function redDaemon(): FakeDaemon {
  const daemon = daemonWith([redBuild()], { text: RED_LOG });
  daemon.more.push([/^GET \/v1\/builds\/b1\/failure$/, () => FAILURE]);
  daemon.more.push([/^GET \/v1\/builds\/b1\/logs\/index$/, () => INDEX]);
  return daemon;
}

export const redBuild = () =>
  aBuild({
    status: "failed",
    failure_reason: "step_failed",
    error_message: "flutter build apk ended with exit code 1",
    step_results: [
      {
        name: "build-1",
        status: "failed",
        exit_code: 1,
        started_at: NOW - 20,
        finished_at: NOW,
        duration_ms: 20_000,
      },
    ],
  });
