/**
 * One build's log on one page: what is held of it and what is searched, readable as a snapshot that React can subscribe
 * to. A part that is not held takes the place of the other as soon as it is there. Never holds log text itself.
 */
import type { ApiError } from "@/api/errors";
import type { BuildLogIndex } from "@/api/types";
import type { LogClient } from "./client";
import type { FeedPhase } from "./feed";
import { EMPTY, type HoldSetup, LogHold } from "./hold";
import type { HeldPart, LogPlace, LogState } from "./messages";
import type { WantedPart } from "./part";
import type { LogQuery } from "./query";

/** A pattern that keeps the worker from answering for so long is given up. */
const SEARCH_LIMIT_MS = 4_000;
/** Of a log that is too large so much is read at once: what follows live needs room, and networks are slow. */
const MOST_PART_BYTES = 64 * 1024 * 1024;

export interface SearchState {
  readonly query: LogQuery;
  /** Matching lines over the whole log, ascending, as far as they are held. */
  readonly lines: readonly number[];
  readonly progress: "more" | "done";
  readonly problem: string | null;
}

export interface LogSnapshot {
  readonly phase: FeedPhase;
  readonly error: ApiError | null;
  readonly state: LogState;
  readonly search: SearchState | null;
  /** Whether another part of the log is under way. */
  readonly moving: boolean;
}

export interface SessionSetup extends HoldSetup {
  /** Lines that the page's address names: of a log that is too large, the part with them comes first. */
  readonly place?: () => LogPlace | null;
}

const START: LogSnapshot = { phase: "loading", error: null, state: EMPTY, search: null, moving: false };

/** Phases of a hold that has what it was made for. */
const THERE: readonly FeedPhase[] = ["streaming", "ended", "apart"];

export class LogSession {
  private snapshot = START;
  private readonly listeners = new Set<() => void>();
  private hold: LogHold | null = null;
  private next: { hold: LogHold; settle: (error: ApiError | null) => void } | null = null;
  /** The part that is shown of a log that is too large; null until one was chosen. */
  private wanted: WantedPart | null = null;
  private searchGuard: ReturnType<typeof setTimeout> | undefined;
  private found: number[] = [];

  constructor(private readonly setup: SessionSetup) {}

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  };

  readonly get = (): LogSnapshot => this.snapshot;

  /** The worker to ask; null before `start` and after `stop`. */
  get worker(): LogClient | null {
    return this.hold?.client ?? null;
  }

  start(): void {
    this.hold = this.open(this.wanted);
    this.update(START);
    this.hold.run();
  }

  stop(): void {
    clearTimeout(this.searchGuard);
    const { next } = this;
    this.next = null;
    next?.settle(null);
    this.hold?.stop();
    this.hold = null;
  }

  /** The log is known to hold this sequence: what the stream did not bring is read again. */
  heardOf(sequence: number): void {
    this.hold?.heardOf(sequence);
  }

  /** Whether a line is in the part that is shown, or will be. */
  holds(line: number): boolean {
    const { first, until } = this.snapshot.state;
    return line >= first && (until === null || line < until);
  }

  /** Shows another part. What is shown stays until that is there. Errors: what the server or the network says. */
  async show(wanted: WantedPart): Promise<void> {
    this.next?.settle(null);
    const before = this.snapshot.state.steps;
    const hold = this.open(wanted);
    this.update({ moving: true });
    const error = await new Promise<ApiError | null>((settle) => {
      this.next = { hold, settle };
      hold.run();
    });
    if (this.next?.hold !== hold) return hold.stop();
    this.next = null;
    this.update({ moving: false });
    if (error) {
      hold.stop();
      throw error;
    }
    for (const { index, folded } of before) {
      if (folded) hold.client.send({ kind: "fold", step: index, state: "folded" });
    }
    hold.state = (await hold.client.ask({ ask: "state" })) ?? hold.state;
    this.replace(hold, wanted);
  }

  search(query: LogQuery | null): void {
    this.found = [];
    clearTimeout(this.searchGuard);
    const isAsked = query !== null && query.text !== "";
    this.update({ search: isAsked ? { query, lines: [], progress: "more", problem: null } : null });
    this.worker?.search(query);
    if (isAsked) this.guardSearch();
  }

  private open(wanted: WantedPart | null): LogHold {
    const { maxBytes } = this.setup;
    const bytes = Math.min(maxBytes / 2, MOST_PART_BYTES);
    const choose = async (outline: BuildLogIndex): Promise<HeldPart> => {
      // Most logs are small.
      const { heldPart, wantedAt } = await import("./part");
      this.wanted ??= wanted ?? wantedAt(this.setup.place?.() ?? null, outline);
      return heldPart(outline, wanted ?? this.wanted, bytes);
    };
    const plan = { wanted: wanted === null ? "all" : "part", maxBytes, choose } as const;
    const hold: LogHold = new LogHold(this.setup, plan, {
      onChange: (changed) => this.changed(changed),
      onMatches: (lines, progress) => hold === this.hold && this.addMatches(lines, progress),
      onBadPattern: (message) => hold === this.hold && this.searchProblem(message),
    });
    return hold;
  }

  private changed(hold: LogHold): void {
    const { phase, error, state } = hold;
    if (hold === this.hold) {
      this.forgetMatches(state.first);
      this.update({ phase, error, state });
    } else if (hold === this.next?.hold && (error || THERE.includes(phase))) this.next.settle(error);
  }

  private replace(hold: LogHold, wanted: WantedPart): void {
    const query = this.snapshot.search?.query ?? null;
    this.hold?.stop();
    this.hold = hold;
    this.wanted = wanted;
    const { phase, error, state } = hold;
    this.update({ phase, error, state });
    if (query) this.search(query);
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

  /** Lines that were dropped can't be gone to. */
  private forgetMatches(before: number): void {
    const { search } = this.snapshot;
    if (!search || (this.found[0] ?? before) >= before) return;
    this.found = this.found.filter((line) => line >= before);
    this.update({ search: { ...search, lines: this.found } });
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
