/**
 * One build's log on one page: worker, feed and search tied together, readable as a snapshot that React can subscribe
 * to. Never holds log text itself.
 */
import type { ApiError } from "@/api/errors";
import { LogClient, type WorkerLike } from "./client";
import { type FeedPhase, LogFeed, type LogSource } from "./feed";
import type { LogState } from "./messages";
import type { LogQuery } from "./query";

/** Bytes that may wait in front of the worker, so that its answers to the page come soon. */
const MOST_WAITING_BYTES = 2 * 1024 * 1024;
/** A pattern that keeps the worker from answering for so long is given up. */
const SEARCH_LIMIT_MS = 4_000;

export interface SearchState {
  readonly query: LogQuery;
  /** Matching lines over the whole log, ascending. */
  readonly lines: readonly number[];
  readonly progress: "more" | "done";
  readonly problem: string | null;
}

export interface LogSnapshot {
  readonly phase: FeedPhase;
  readonly error: ApiError | null;
  readonly state: LogState;
  readonly search: SearchState | null;
}

export interface SessionSetup {
  readonly source: LogSource;
  readonly makeWorker: () => WorkerLike;
  readonly hasEnded: () => boolean;
  /** Bytes of log that this device can hold. */
  readonly maxBytes: number;
}

const EMPTY: LogState = { lines: 0, bytes: 0, totalUnits: 0, steps: [], truncated: false };
const START: LogSnapshot = { phase: "loading", error: null, state: EMPTY, search: null };

export class LogSession {
  private snapshot = START;
  private readonly listeners = new Set<() => void>();
  private client: LogClient | null = null;
  private feed: LogFeed | null = null;
  private searchGuard: ReturnType<typeof setTimeout> | undefined;
  private found: number[] = [];
  private waitingBytes = 0;

  constructor(private readonly setup: SessionSetup) {}

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  };

  readonly get = (): LogSnapshot => this.snapshot;

  /** The worker to ask; null before `start` and after `stop`. */
  get worker(): LogClient | null {
    return this.client;
  }

  start(): void {
    const client = new LogClient(this.setup.makeWorker(), {
      onState: (state) => this.update({ state }),
      onMatches: (lines, progress) => this.addMatches(lines, progress),
      onBadPattern: (message) => this.searchProblem(message),
    });
    client.send({ kind: "limit", bytes: this.setup.maxBytes });
    this.client = client;
    this.feed = new LogFeed(
      this.setup.source,
      {
        bytes: (chunk) => this.append(client, chunk),
        frames: (frames) => client.send({ kind: "frames", frames }),
        steps: (starts, known) => client.send({ kind: "steps", starts, known }),
        isFull: () => this.snapshot.state.truncated,
        phase: (phase, error) => {
          if (phase === "ended") client.send({ kind: "over" });
          this.update({ phase, error: error ?? null });
        },
      },
      this.setup.hasEnded,
    );
    this.update(START);
    void this.feed.run();
  }

  stop(): void {
    clearTimeout(this.searchGuard);
    this.feed?.stop();
    this.client?.close();
    this.feed = null;
    this.client = null;
  }

  /** The log is known to hold this sequence: what the stream did not bring is read again. */
  heardOf(sequence: number): void {
    void this.feed?.heardOf(sequence);
  }

  search(query: LogQuery | null): void {
    this.found = [];
    clearTimeout(this.searchGuard);
    const isAsked = query !== null && query.text !== "";
    this.update({ search: isAsked ? { query, lines: [], progress: "more", problem: null } : null });
    this.client?.search(query);
    if (isAsked) this.guardSearch();
  }

  private async append(client: LogClient, chunk: Uint8Array): Promise<void> {
    this.waitingBytes += chunk.length;
    client.send({ kind: "append", bytes: ownBuffer(chunk) });
    if (this.waitingBytes < MOST_WAITING_BYTES) return;
    this.waitingBytes = 0;
    await client.ask({ ask: "unit", line: -1, step: 0 });
  }

  /** Matches are told after each chunk; a worker that says nothing is stuck inside the pattern and is replaced. */
  private guardSearch(): void {
    clearTimeout(this.searchGuard);
    this.searchGuard = setTimeout(() => {
      const query = this.snapshot.search?.query;
      this.stop();
      this.start();
      if (query) this.update({ search: { query, lines: [], progress: "done", problem: "too-slow" } });
    }, SEARCH_LIMIT_MS);
  }

  private addMatches(lines: Uint32Array, progress: "more" | "done"): void {
    clearTimeout(this.searchGuard);
    const search = this.snapshot.search;
    if (!search) return;
    for (const line of lines) this.found.push(line);
    if (progress === "more") this.guardSearch();
    if (lines.length > 0 || progress !== search.progress) {
      this.update({ search: { ...search, lines: this.found, progress } });
    }
  }

  private searchProblem(problem: string): void {
    clearTimeout(this.searchGuard);
    const search = this.snapshot.search;
    if (search) this.update({ search: { ...search, progress: "done", problem } });
  }

  private update(change: Partial<LogSnapshot>): void {
    this.snapshot = { ...this.snapshot, ...change };
    for (const listener of [...this.listeners]) listener();
  }
}

/** Buffers are moved to the worker, so a view over a larger one is copied out first. */
function ownBuffer(chunk: Uint8Array): ArrayBuffer {
  const isWhole = chunk.byteOffset === 0 && chunk.byteLength === chunk.buffer.byteLength;
  return (isWhole ? chunk.buffer : chunk.slice().buffer) as ArrayBuffer;
}
