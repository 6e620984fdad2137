/**
 * A log, or a part of one, as it is held for a page: a worker and the feed that fills it. Another part is another hold. It
 * must not know which one the page shows, nor what is searched.
 */
import type { ApiError } from "@/api/errors";
import { LogClient, type LogNews, type WorkerLike } from "./client";
import { type FeedPhase, type FeedPlan, LogFeed, type LogSink, type LogSource } from "./feed";
import type { LogState } from "./messages";

/** Bytes that may wait in front of the worker, so that its answers to the page come soon. */
const MOST_WAITING_BYTES = 2 * 1024 * 1024;

export const EMPTY: LogState = {
  first: 0,
  lines: 0,
  until: null,
  total: 0,
  bytes: 0,
  totalUnits: 0,
  droppedUnits: 0,
  steps: [],
};

export interface HoldSetup {
  readonly source: LogSource;
  readonly makeWorker: () => WorkerLike;
  readonly hasEnded: () => boolean;
  /** Bytes of log that this device can hold. */
  readonly maxBytes: number;
}

export interface HoldNews extends Omit<LogNews, "onState"> {
  onChange(hold: LogHold): void;
}

export class LogHold {
  readonly client: LogClient;
  phase: FeedPhase = "loading";
  error: ApiError | null = null;
  state = EMPTY;
  private readonly feed: LogFeed;
  private waitingBytes = 0;

  constructor(
    setup: HoldSetup,
    plan: FeedPlan,
    private readonly news: HoldNews,
  ) {
    this.client = new LogClient(setup.makeWorker(), { ...news, onState: (state) => this.update({ state }) });
    this.client.send({ kind: "limit", bytes: setup.maxBytes });
    this.feed = new LogFeed(setup.source, this.sink(), setup.hasEnded, plan);
  }

  run(): void {
    void this.feed.run();
  }

  stop(): void {
    this.feed.stop();
    this.client.close();
  }

  /** The log is known to hold this sequence: what the stream did not bring is read again. */
  heardOf(sequence: number): void {
    void this.feed.heardOf(sequence);
  }

  private sink(): LogSink {
    const { client } = this;
    return {
      bytes: (chunk) => this.append(chunk),
      frames: (frames) => client.send({ kind: "frames", frames }),
      steps: (starts, known) => client.send({ kind: "steps", starts, known }),
      part: (part) => client.send({ kind: "begin", part }),
      isFull: () => this.state.first > 0,
      phase: (phase, error) => {
        if (phase === "ended") client.send({ kind: "over" });
        this.update({ phase, error: error ?? null });
      },
    };
  }

  private async append(chunk: Uint8Array): Promise<void> {
    this.waitingBytes += chunk.length;
    this.client.send({ kind: "append", bytes: ownBuffer(chunk) });
    if (this.waitingBytes < MOST_WAITING_BYTES) return;
    this.waitingBytes = 0;
    await this.client.ask({ ask: "unit", line: -1, step: 0 });
  }

  private update(change: Partial<Pick<LogHold, "phase" | "error" | "state">>): void {
    Object.assign(this, change);
    this.news.onChange(this);
  }
}

/** Buffers are moved to the worker, so a view over a larger one is copied out first. */
function ownBuffer(chunk: Uint8Array): ArrayBuffer {
  const isWhole = chunk.byteOffset === 0 && chunk.byteLength === chunk.buffer.byteLength;
  return (isWhole ? chunk.buffer : chunk.slice().buffer) as ArrayBuffer;
}
