/**
 * What an instance's runtime knows of its live stream before and while there is one: the state of the line, who listens, and
 * up to where pages have been read. The line itself (line.ts) is fetched for who is signed in, so that the first page of a
 * stranger does without. It must not touch the network or caches itself.
 */
import type { Runtime } from "@/lib/instances/runtime";
import { createStore, type Store } from "@/lib/store";
import type { LineState } from "./connection";
import type { LiveEvent, LiveEvents, LiveName } from "./events";

export type LiveStatus = { state: LineState; lastEventAt: number };

type Listener = (event: LiveEvent) => void;

const LOAD_AGAIN_MS = 3_000;

export class LiveHub {
  readonly status: Store<LiveStatus> = createStore<LiveStatus>({
    state: "connecting",
    lastEventAt: Date.now(),
  });
  readonly #runtime: Runtime;
  readonly #listeners = new Set<Listener>();
  /** Whether a page that follows the stream is on screen. */
  #isWanted = false;
  #stop: AbortController | null = null;
  #lastId: string | null = null;
  /** The oldest answer that a page may show, until the stream has caught up with it. */
  #oldestRead = Number.POSITIVE_INFINITY;

  constructor(runtime: Runtime) {
    this.#runtime = runtime;
  }

  /** From now on there is a stream for whoever is signed in; calling it again changes nothing. */
  start(): void {
    this.#isWanted = true;
    this.#open();
  }

  #open(): void {
    const session = this.#runtime.session.current.get();
    if (this.#stop || !session) return;
    this.#stop = new AbortController();
    const { signal } = this.#stop;
    this.status.set({ ...this.status.get(), state: "connecting" });
    const name = `oore.live.${this.#runtime.instance.id}.${session.userId}`;
    void this.#load(signal).then((Line) => Line && new Line(this.#runtime, name, signal));
  }

  /** What the caches hold stays, and so does up to where it is true: the next start goes on from there. */
  stop(): void {
    this.#isWanted = false;
    this.#end();
  }

  /** The caches are empty, and another person may be signed in, or nobody. */
  beginAnew(): void {
    this.#end();
    this.#lastId = null;
    this.#oldestRead = Number.POSITIVE_INFINITY;
    if (this.#isWanted) this.#open();
  }

  #end(): void {
    this.#stop?.abort();
    this.#stop = null;
  }

  /** The last event that this tab knows. */
  get lastId(): string | null {
    return this.#lastId;
  }

  /** Notes that an answer shows everything up to the event `position`. */
  read(position: number): void {
    if (this.#lastId === null) this.#oldestRead = Math.min(this.#oldestRead, position);
  }

  /**
   * Notes how far the stream has come, at its begin or later; answers whether something was missed: between reading the pages
   * and opening it, or since it was last heard.
   */
  reached(id: string, at: "begin" | "later"): boolean {
    const known = this.#lastId === null ? this.#oldestRead : Number(this.#lastId);
    const missed = known < Number(id) && (at === "begin" || this.#lastId === null);
    this.#lastId = id;
    this.#oldestRead = Number.POSITIVE_INFINITY;
    return missed;
  }

  /** Calls `handler` for each event of that name until the returned function is called. */
  on<N extends LiveName>(name: N, handler: (data: LiveEvents[N]) => void): () => void {
    const listener: Listener = (event) => {
      if (event.name === name) handler(event.data as LiveEvents[N]);
    };
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  tell(event: LiveEvent): void {
    for (const listener of [...this.#listeners]) listener(event);
  }

  async #load(signal: AbortSignal): Promise<typeof import("./line").Line | null> {
    while (!signal.aborted) {
      const loaded = await import("./line").catch(() => null);
      if (signal.aborted) return null;
      if (loaded) return loaded.Line;
      this.status.set({ ...this.status.get(), state: "down" });
      await new Promise((resolve) => setTimeout(resolve, LOAD_AGAIN_MS));
    }
    return null;
  }
}
