/** Where a build's log comes from: the daemon's raw view, its outline and its live stream. It must not retry or merge; the feed does. */
import type { ApiClient } from "@/api/client";
import { ApiError } from "@/api/errors";
import type { StepResult } from "@/api/types";
import { readSse } from "@/lib/live/sse";
import { type LogSource, NOTHING_READ, type RawLog } from "@/lib/log/feed";

const SEQUENCE_HEADER = "x-oore-log-sequence";
const STEPS_HEADER = "x-oore-log-steps";
const PARTIAL_CONTENT = 206;

export const rawLogPath = (buildId: string): string => `/v1/builds/${encodeURIComponent(buildId)}/logs/raw`;

/** `results`: how the build's steps ended, as far as that is known. */
export function logSource(
  api: ApiClient,
  buildId: string,
  results: () => readonly StepResult[] = () => [],
): LogSource {
  return {
    async raw(after, signal) {
      const query = after === NOTHING_READ ? "" : `?after_sequence=${after}`;
      return rawLog(await api.fetch(rawLogPath(buildId) + query, { signal }));
    },
    async part(from, to, signal) {
      const range = `bytes=${from}-${to === null ? "" : to - 1}`;
      const response = await api.fetch(rawLogPath(buildId), { headers: { range }, signal });
      // What stands between may not know ranges: then everything comes.
      return { ...rawLog(response), from: response.status === PARTIAL_CONTENT ? from : 0 };
    },
    async outline(signal) {
      const path = { build_id: buildId };
      const outline = await api.get("/v1/builds/{build_id}/logs/index", { path, signal });
      // The log alone does not tell a step that was skipped from one that failed.
      const status = (name: string) => results().find((result) => result.name === name)?.status;
      const steps = outline.steps.map((step) => ({ ...step, status: status(step.name) ?? step.status }));
      return { ...outline, steps };
    },
    /** Authorised by the session's header: a token in the address would end up in logs of proxies. */
    async stream(after, signal) {
      const headers = new Headers({ accept: "text/event-stream" });
      if (after !== NOTHING_READ) headers.set("last-event-id", String(after));
      const path = `/v1/builds/${encodeURIComponent(buildId)}/logs/stream`;
      const response = await api.fetch(path, { headers, signal });
      if (!response.body) throw malformed("the log stream has no body");
      return readSse(response.body);
    },
  };
}

function rawLog({ body, headers }: Response): RawLog {
  const sequence = Number.parseInt(headers.get(SEQUENCE_HEADER) ?? "", 10);
  if (!body || Number.isNaN(sequence)) throw malformed(`no ${SEQUENCE_HEADER} header`);
  const starts = headers.get(STEPS_HEADER);
  return { body, sequence, starts: starts === null ? null : numbers(starts), size: sizeOf(headers) };
}

/** Unknown where something between has packed it. */
function sizeOf(headers: Headers): number | null {
  const length = headers.get("content-length");
  return length === null || headers.has("content-encoding") ? null : Number(length);
}

const malformed = (message: string) => new ApiError({ status: 502, code: "malformed_response", message });

function numbers(list: string): number[] {
  return list === "" ? [] : list.split(",").map(Number);
}
