/**
 * Brings a build's log to a sink: all bytes so far first, then each frame as it is written, until the build ends. No gap
 * and no duplicate: everything is merged by sequence. Of a log that is too large it brings a part: the end, which is
 * followed, or another one, which is not. Knows neither the page nor how requests are authorised.
 */
import { ApiError, toApiError } from "@/api/errors";
import type { BuildLogChunk, BuildLogIndex } from "@/api/types";
import type { SseMessage } from "@/lib/live/sse";
import type { HeldPart, LogFrame } from "./messages";

/** The sequence before the first one. */
export const NOTHING_READ = -1;

const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 2_000;
/** The server keeps an idle stream alive every 15 s; longer silence means a dead connection. */
const SILENCE_MS = 40_000;
/** How often the log is read when the server has no stream to spare. */
const POLL_MS = 2_000;
const FRAME_BATCH_MS = 40;

/** apart: it has a part that is not the end, and follows nothing. */
export type FeedPhase = "loading" | "streaming" | "reconnecting" | "ended" | "apart" | "removed" | "failed";

/** The bytes after some sequence, or of a part. */
export interface RawLog {
  readonly body: ReadableStream<Uint8Array>;
  /** The last one that they hold. */
  readonly sequence: number;
  /** At which of these bytes steps begin; null if the server does not know. */
  readonly starts: readonly number[] | null;
  /** How many bytes there are, if that is known before they are read. */
  readonly size?: number | null;
  /** Of a part: where in the whole text its bytes begin. */
  readonly from?: number;
}

export interface LogSource {
  raw(after: number, signal: AbortSignal): Promise<RawLog>;
  /** Bytes of the whole text from `from` on, up to `to` or to the end. Its beginnings of steps count over the whole text. */
  part(from: number, to: number | null, signal: AbortSignal): Promise<RawLog>;
  outline(signal: AbortSignal): Promise<BuildLogIndex>;
  /** Aborting the signal closes the stream. */
  stream(after: number, signal: AbortSignal): Promise<AsyncIterable<SseMessage | null>>;
}

export interface LogSink {
  /** Resolves when more may come: a fast network must not pile up what a slow reader has to look at first. */
  bytes(chunk: Uint8Array): Promise<void> | void;
  frames(frames: readonly LogFrame[]): void;
  /** Where in the bytes to come steps begin; it has the first `known` of them. */
  steps(starts: readonly number[], known: number): void;
  /** The bytes to come are those of this part. What came before is to be forgotten. */
  part(part: HeldPart): void;
  /** Whether it has to forget lines to take more. */
  isFull(): boolean;
  phase(phase: FeedPhase, error?: ApiError): void;
}

/** How much of a log is read. */
export interface FeedPlan {
  /** Whether a part is wanted of any log, or only of one that has more than `maxBytes`. */
  readonly wanted: "part" | "all";
  readonly maxBytes: number;
  choose(outline: BuildLogIndex): Promise<HeldPart>;
}

const ALL: FeedPlan = {
  wanted: "all",
  maxBytes: Number.POSITIVE_INFINITY,
  choose: async () => ({ from: { line: 0, byte: 0 }, to: null, totalLines: 0, steps: [] }),
};

type StreamEnd = "finished" | "removed" | "silent";

const GONE: readonly number[] = [404, 410];

export class LogFeed {
  private last = NOTHING_READ;
  /** Up to which byte of the whole log the sink has it, while it is read for the first time. */
  private handedOn = 0;
  private part: HeldPart | null = null;
  private readonly abort = new AbortController();
  private pending: LogFrame[] = [];
  /** The highest sequence that the log is said to hold. */
  private told = NOTHING_READ;
  private isOver = false;
  private catching = false;
  private flushTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly source: LogSource,
    private readonly sink: LogSink,
    /** Whether the build had ended before the log is asked for: then nothing can follow. */
    private readonly hasEnded: () => boolean,
    private readonly plan: FeedPlan = ALL,
  ) {}

  async run(): Promise<void> {
    let failures = 0;
    let isFirst = true;
    this.sink.phase("loading");
    while (!this.abort.signal.aborted) {
      const ended = this.hasEnded();
      try {
        if (isFirst || ended) await this.readRaw();
        isFirst = false;
        if (this.part?.to) return this.sink.phase("apart");
        if (ended) return await this.finish();
        const end = await this.follow(() => {
          failures = 0;
        });
        if (end === "finished") return await this.finish();
        if (end === "removed") return this.sink.phase("removed");
        await this.pause(FIRST_PAUSE_MS);
      } catch (cause) {
        if (this.abort.signal.aborted) return;
        const error = toApiError(cause);
        if (!this.isWorthRetrying(error, isFirst)) return;
        failures++;
        if (error.status !== 429) this.sink.phase(isFirst ? "loading" : "reconnecting", error);
        await this.pause(pauseAfter(failures, error));
      }
    }
  }

  /** A cancelled step may print its last words after the stream has said that the build is over. */
  async heardOf(sequence: number): Promise<void> {
    this.told = Math.max(this.told, sequence);
    if (this.isOver) await this.catchUp();
  }

  private async finish(): Promise<void> {
    this.isOver = true;
    this.sink.phase("ended");
    await this.catchUp();
  }

  private async catchUp(): Promise<void> {
    if (this.last >= this.told || this.catching) return;
    this.catching = true;
    await this.readTold();
    this.catching = false;
  }

  /** Reads up to what the log is said to hold; a server that is away is asked again. */
  private async readTold(): Promise<void> {
    let failures = 0;
    while (this.last < this.told && !this.abort.signal.aborted) {
      const before = this.last;
      try {
        await this.readRaw();
      } catch (cause) {
        if (this.abort.signal.aborted) return;
        const error = toApiError(cause);
        if (!this.isWorthRetrying(error, false)) return;
        failures++;
        this.sink.phase("reconnecting", error);
        await this.pause(pauseAfter(failures, error));
        continue;
      }
      failures = 0;
      if (this.last === before) break;
    }
    this.sink.phase("ended");
  }

  stop(): void {
    this.abort.abort();
    clearTimeout(this.flushTimer);
  }

  private isWorthRetrying(error: ApiError, isFirst: boolean): boolean {
    if (GONE.includes(error.status)) {
      this.sink.phase("removed", error);
      return false;
    }
    if (error.transient || error.code === "unexpected") return true;
    this.sink.phase("failed", error);
    return !isFirst && error.status === 401;
  }

  private async readRaw(): Promise<void> {
    if (this.last === NOTHING_READ) await this.readFirst();
    else {
      const { body, sequence, starts } = await this.source.raw(this.last, this.abort.signal);
      if (starts !== null) this.sink.steps(starts, 0);
      for (const chunk of await readAll(body)) await this.sink.bytes(chunk);
      this.last = Math.max(this.last, sequence);
    }
    if (!this.hasEnded() && !this.isOver && !this.part?.to) this.sink.phase("streaming");
  }

  private async readFirst(): Promise<void> {
    if (this.part || this.plan.wanted === "part") return this.readPart();
    const { body, sequence, starts, size } = await this.source.raw(NOTHING_READ, this.abort.signal);
    if ((size ?? 0) > this.plan.maxBytes) {
      await body.cancel();
      return this.readPart();
    }
    if (starts !== null) this.sink.steps(starts, this.handedOn);
    // After a cut the log is asked for anew and what was handed on already is skipped.
    if ((await this.handOn(body, this.handedOn)) === "full") return this.readPart();
    this.last = sequence;
  }

  private async readPart(): Promise<void> {
    const { signal } = this.abort;
    this.part ??= await this.choosePart();
    const { from, to } = this.part;
    // After a cut at the very end there would be nothing to ask for but for the last byte that is there already.
    const start = Math.max(from.byte, this.handedOn - 1);
    const {
      body,
      sequence,
      starts,
      from: begin = 0,
    } = await this.source.part(start, to?.byte ?? null, signal);
    if (starts !== null) this.sink.steps(starts, this.handedOn);
    await this.handOn(body, this.handedOn - begin);
    this.last = sequence;
  }

  private async choosePart(): Promise<HeldPart> {
    const part = await this.plan.choose(await this.source.outline(this.abort.signal));
    this.handedOn = part.from.byte;
    this.sink.part(part);
    return part;
  }

  /** Handed on as it arrives, without the first `skip` bytes. */
  private async handOn(body: ReadableStream<Uint8Array>, skip: number): Promise<"all" | "full"> {
    let toSkip = skip;
    const reader = body.getReader();
    for (let read = await reader.read(); !read.done; read = await reader.read()) {
      const skipped = Math.min(toSkip, read.value.length);
      toSkip -= skipped;
      if (skipped === read.value.length) continue;
      this.handedOn += read.value.length - skipped;
      await this.sink.bytes(read.value.slice(skipped));
      if (this.part || !this.sink.isFull()) continue;
      await reader.cancel();
      return "full";
    }
    return "all";
  }

  /** However the stream ends for the reader, its connection ends with it: the next one must not stand beside it. */
  private async follow(onAlive: () => void): Promise<StreamEnd> {
    const attempt = new AbortController();
    const abort = () => attempt.abort();
    this.abort.signal.addEventListener("abort", abort, { once: true });
    try {
      const messages = await this.open(attempt.signal);
      this.sink.phase("streaming");
      onAlive();
      return await this.takeAll(messages[Symbol.asyncIterator]());
    } finally {
      this.abort.signal.removeEventListener("abort", abort);
      attempt.abort();
    }
  }

  private async open(signal: AbortSignal): Promise<AsyncIterable<SseMessage | null>> {
    try {
      return await this.source.stream(this.last, signal);
    } catch (cause) {
      if (toApiError(cause).status === 429) await this.readRaw();
      throw cause;
    }
  }

  private async takeAll(messages: AsyncIterator<SseMessage | null>): Promise<StreamEnd> {
    try {
      for (;;) {
        const next = await withinSilence(messages.next());
        if (next.done) return "silent";
        const end = next.value === null ? null : await this.take(next.value);
        if (end !== null) return end;
      }
    } finally {
      // Not waited for: it stands in line behind a read that may never come.
      void messages.return?.();
    }
  }

  private async take(message: SseMessage): Promise<StreamEnd | null> {
    if (message.event === "done") {
      this.flush();
      if (message.data.includes("build_not_found")) return "removed";
      return message.data.includes("build_finished") ? "finished" : "silent";
    }
    if (message.event !== "log") return null;
    const chunk = JSON.parse(message.data) as BuildLogChunk;
    if (chunk.sequence <= this.last) return null;
    if (chunk.sequence > this.last + 1) {
      this.flush();
      await this.readRaw();
      if (chunk.sequence <= this.last) return null;
    }
    this.last = chunk.sequence;
    const { content, partial, at, step } = chunk;
    this.pending.push({ content, newline: partial !== true, at: at ?? 0, step: step ?? "" });
    this.flushTimer ??= setTimeout(() => this.flush(), FRAME_BATCH_MS);
    return null;
  }

  private flush(): void {
    clearTimeout(this.flushTimer);
    this.flushTimer = undefined;
    if (this.pending.length === 0) return;
    this.sink.frames(this.pending);
    this.pending = [];
  }

  private pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.abort.signal.addEventListener("abort", () => {
        clearTimeout(timer);
        resolve();
      });
    });
  }
}

/** How long to wait after so many failures in a row. */
function pauseAfter(failures: number, error: ApiError): number {
  return error.status === 429 ? POLL_MS : Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** failures);
}

async function withinSilence<T>(read: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const silence = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new ApiError({ status: 0, code: "unreachable", message: "the log stream fell silent" })),
      SILENCE_MS,
    );
  });
  try {
    return await Promise.race([read, silence]);
  } finally {
    clearTimeout(timer);
  }
}

/** A later piece is handed on only when it is complete: cut in the middle it could not be told from what follows. */
async function readAll(body: ReadableStream<Uint8Array>): Promise<Uint8Array[]> {
  const chunks: Uint8Array[] = [];
  const reader = body.getReader();
  for (let read = await reader.read(); !read.done; read = await reader.read()) chunks.push(read.value);
  return chunks;
}
