/**
 * Holds one event stream open: resumes by Last-Event-ID, notices silence, backs off.
 * It must not know about tabs or caches; it only tells what arrived and how the line is.
 */
import { type ApiError, toApiError } from "@/api/errors";
import { readSse, type SseMessage } from "./sse";

/** The daemon sends a heartbeat every 15 s; much longer without a byte means that the line is dead. */
const SILENCE_MS = 25_000;
/** A stream whose first event, which is sent at once, does not come in this time can't be had: something holds it back. */
const OPENING_MS = 5_000;
/** A stream that ends sooner than this was none. */
const SETTLED_MS = 2_000;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 3_000;
/** While pages ask again by themselves, the stream is tried more rarely. */
const POLLING_PAUSE_MS = 30_000;

/** `polling`: the instance answers, but no stream can be had. */
export type LineState = "connecting" | "live" | "polling" | "down" | "expired";

type Setup = {
  open: (init: RequestInit) => Promise<Response>;
  /** Whether the instance answers at all. */
  isReachable: (signal: AbortSignal) => Promise<boolean>;
  /** The last event that this tab knows, also from an earlier leader. */
  lastId: string | null;
  onState: (state: LineState) => void;
  onMessage: (message: SseMessage) => void;
  /** Its event `wake` ends a pause before its time. */
  alarm?: EventTarget;
};

/** Runs until `signal` aborts. */
export async function holdConnection(setup: Setup, signal: AbortSignal): Promise<void> {
  let lastId = setup.lastId;
  let failures = 0;
  setup.onState("connecting");
  while (!signal.aborted) {
    const begun = Date.now();
    const error = await readToEnd();
    if (signal.aborted) return;
    if (error === null && Date.now() - begun >= SETTLED_MS) failures = 0;
    failures += 1;
    const state = await stateAfter(error);
    if (signal.aborted) return;
    setup.onState(state);
    await pause(state === "polling" ? POLLING_PAUSE_MS : pauseAfter(failures), signal, setup.alarm);
  }

  /** Answers why there was no stream; null if there was one, however it ended. */
  async function readToEnd(): Promise<ApiError | null> {
    const attempt = new AbortController();
    const abort = () => attempt.abort();
    signal.addEventListener("abort", abort, { once: true });
    let watchdog = setTimeout(abort, OPENING_MS);
    let isOpen = false;
    try {
      const headers = new Headers({ accept: "text/event-stream" });
      if (lastId !== null) headers.set("last-event-id", lastId);
      const response = await setup.open({ headers, signal: attempt.signal });
      if (!response.body) throw new TypeError("the event stream has no body");
      for await (const message of readSse(response.body)) {
        clearTimeout(watchdog);
        watchdog = setTimeout(abort, SILENCE_MS);
        if (!isOpen) setup.onState("live");
        isOpen = true;
        if (!message) continue;
        if (message.id !== null) lastId = message.id;
        setup.onMessage(message);
      }
      return isOpen ? null : toApiError(new TypeError("the event stream was empty"));
    } catch (cause) {
      return isOpen ? null : toApiError(cause);
    } finally {
      clearTimeout(watchdog);
      signal.removeEventListener("abort", abort);
    }
  }

  async function stateAfter(error: ApiError | null): Promise<LineState> {
    if (error?.status === 401) return "expired";
    if (failures === 1) return "connecting";
    // Nobody is there, or a proxy says so in the daemon's place.
    if (error && (error.code === "unreachable" || error.status >= 500)) return "down";
    return (await setup.isReachable(signal)) ? "polling" : "down";
  }
}

/** Longer each time; not the same for all, so that a daemon that comes back does not meet everybody at once. */
function pauseAfter(failures: number): number {
  const longest = Math.min(FIRST_PAUSE_MS * 2 ** (failures - 1), LONGEST_PAUSE_MS);
  return longest * (0.75 + Math.random() / 4);
}

function pause(ms: number, signal: AbortSignal, alarm?: EventTarget): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms);
    window.addEventListener("online", done, { once: true });
    alarm?.addEventListener("wake", done, { once: true });
    signal.addEventListener("abort", done, { once: true });
    function done() {
      clearTimeout(timer);
      window.removeEventListener("online", done);
      alarm?.removeEventListener("wake", done);
      signal.removeEventListener("abort", done);
      resolve();
    }
  });
}
