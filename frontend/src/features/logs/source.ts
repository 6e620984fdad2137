/** Where a build's log comes from: the daemon's raw view and its live stream. It must not retry or merge; the feed does. */
import type { ApiClient } from "@/api/client";
import { ApiError } from "@/api/errors";
import { readSse } from "@/lib/live/sse";
import { type LogSource, NOTHING_READ } from "@/lib/log/feed";

const SEQUENCE_HEADER = "x-oore-log-sequence";
const STEPS_HEADER = "x-oore-log-steps";

export const rawLogPath = (buildId: string): string => `/v1/builds/${encodeURIComponent(buildId)}/logs/raw`;

export function logSource(api: ApiClient, buildId: string): LogSource {
  return {
    async raw(after, signal) {
      const query = after === NOTHING_READ ? "" : `?after_sequence=${after}`;
      const response = await api.fetch(rawLogPath(buildId) + query, { signal });
      const sequence = Number.parseInt(response.headers.get(SEQUENCE_HEADER) ?? "", 10);
      if (!response.body || Number.isNaN(sequence)) {
        throw new ApiError({
          status: 502,
          code: "malformed_response",
          message: `no ${SEQUENCE_HEADER} header`,
        });
      }
      const starts = response.headers.get(STEPS_HEADER);
      return { body: response.body, sequence, starts: starts === null ? null : numbers(starts) };
    },
    /** Authorised by the session's header: a token in the address would end up in logs of proxies. */
    async stream(after, signal) {
      const headers = new Headers({ accept: "text/event-stream" });
      if (after !== NOTHING_READ) headers.set("last-event-id", String(after));
      const path = `/v1/builds/${encodeURIComponent(buildId)}/logs/stream`;
      const response = await api.fetch(path, { headers, signal });
      if (!response.body) {
        throw new ApiError({
          status: 502,
          code: "malformed_response",
          message: "the log stream has no body",
        });
      }
      return readSse(response.body);
    },
  };
}

function numbers(list: string): number[] {
  return list === "" ? [] : list.split(",").map(Number);
}
