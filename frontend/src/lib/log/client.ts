/**
 * The page's end of a log's worker: typed commands, questions as promises, news to listeners. Must not read bytes
 * itself. If a search pattern blocks the worker, the client says so and the owner makes a new one.
 */
import type { FromWorker, LogAnswers, LogCommand, LogQuestion, LogState, ToWorker } from "./messages";
import type { LogQuery } from "./query";

export interface WorkerLike {
  postMessage(message: ToWorker, transfer?: Transferable[]): void;
  onmessage: ((event: MessageEvent<FromWorker>) => void) | null;
  terminate(): void;
}

export interface LogNews {
  onState(state: LogState): void;
  onMatches(lines: Uint32Array, progress: "more" | "done"): void;
  onBadPattern(message: string): void;
}

export class LogClient {
  private readonly waiting = new Map<number, (value: LogAnswers[keyof LogAnswers] | undefined) => void>();
  private isClosed = false;
  private nextId = 1;
  private searchId = 0;

  constructor(
    private readonly worker: WorkerLike,
    private readonly news: LogNews,
  ) {
    worker.onmessage = (event) => this.receive(event.data);
  }

  send(command: LogCommand): void {
    this.worker.postMessage(command, command.kind === "append" ? [command.bytes] : []);
  }

  /** Takes the place of the search before, of which nothing more is told. */
  search(query: LogQuery | null): void {
    this.searchId = this.nextId++;
    this.worker.postMessage({ kind: "search", id: this.searchId, query });
  }

  /** Undefined if the worker was ended before it answered: whoever asked must not wait for ever. */
  ask<Kind extends LogQuestion["ask"]>(
    question: Extract<LogQuestion, { ask: Kind }>,
  ): Promise<LogAnswers[Kind] | undefined> {
    if (this.isClosed) return Promise.resolve(undefined);
    const id = this.nextId++;
    return new Promise((resolve) => {
      this.waiting.set(id, resolve as (value: LogAnswers[keyof LogAnswers] | undefined) => void);
      this.worker.postMessage({ kind: "ask", id, question });
    });
  }

  close(): void {
    this.isClosed = true;
    this.worker.onmessage = null;
    this.worker.terminate();
    for (const resolve of this.waiting.values()) resolve(undefined);
    this.waiting.clear();
  }

  private receive(message: FromWorker): void {
    switch (message.kind) {
      case "answer": {
        const resolve = this.waiting.get(message.id);
        this.waiting.delete(message.id);
        resolve?.(message.value);
        break;
      }
      case "state":
        this.news.onState(message.state);
        break;
      case "matches":
        if (message.id === this.searchId) this.news.onMatches(message.lines, message.progress);
        break;
      case "bad-pattern":
        if (message.id === this.searchId) this.news.onBadPattern(message.message);
    }
  }
}
