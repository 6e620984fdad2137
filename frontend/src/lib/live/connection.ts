/**
 * Holds one event stream open: resumes by Last-Event-ID, notices silence, backs off.
 * It must not know about tabs or caches; it only tells what arrived and how the line is.
 */
import { type ApiError, toApiError } from "@/api/errors";
import { readSse, type SseMessage } from "./sse";

/** The daemon sends a heartbeat every 15 s; much longer without a byte means that the line is dead. */
const SILENCE_MS = 25_000;
/** An answer that does not even begin in this time counts as none. */
const OPENING_MS = 5_000;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 5_000;

export type LineState = "connecting" | "live" | "down" | "expired";

type Setup = {
  open: (init: RequestInit) => Promise<Response>;
  /** The last event that this tab knows, also from an earlier leader. */
  lastId: string | null;
  onState: (state: LineState) => void;
  onMessage: (message: SseMessage) => void;
};

/** Runs until `signal` aborts. */
export async function holdConnection(setup: Setup, signal: AbortSignal): Promise<void> {
  let lastId = setup.lastId;
  let failures = 0;
  setup.onState("connecting");
  while (!signal.aborted) {
    try {
      await readOnce();
      failures += 1;
    } catch (cause) {
      const error: ApiError = toApiError(cause);
      failures += 1;
      if (error.status === 401) setup.onState("expired");
    }
    if (signal.aborted) return;
    setup.onState(failures > 1 ? "down" : "connecting");
    await pause(Math.min(FIRST_PAUSE_MS * 2 ** (failures - 1), LONGEST_PAUSE_MS), signal);
  }

  async function readOnce(): Promise<void> {
    const attempt = new AbortController();
    const abort = () => attempt.abort();
    signal.addEventListener("abort", abort, { once: true });
    let watchdog = setTimeout(abort, OPENING_MS);
    try {
      const headers = new Headers({ accept: "text/event-stream" });
      if (lastId !== null) headers.set("last-event-id", lastId);
      const response = await setup.open({ headers, signal: attempt.signal });
      if (!response.body) throw new TypeError("the event stream has no body");
      failures = 0;
      clearTimeout(watchdog);
      watchdog = setTimeout(abort, SILENCE_MS);
      setup.onState("live");
      for await (const message of readSse(response.body)) {
        clearTimeout(watchdog);
        watchdog = setTimeout(abort, SILENCE_MS);
        if (!message) continue;
        if (message.id !== null) lastId = message.id;
        setup.onMessage(message);
      }
    } finally {
      clearTimeout(watchdog);
      signal.removeEventListener("abort", abort);
    }
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms);
    window.addEventListener("online", done, { once: true });
    signal.addEventListener("abort", done, { once: true });
    function done() {
      clearTimeout(timer);
      window.removeEventListener("online", done);
      signal.removeEventListener("abort", done);
      resolve();
    }
  });
}
