/**
 * One event stream per browser, instance and person: the tab that holds the lock reads it and relays to the others.
 * It must not touch query caches itself (patch.ts does) nor open a second stream while a leader exists.
 */
import type { Runtime } from "@/lib/instances/runtime";
import { createStore, type Store } from "@/lib/store";
import { holdConnection, type LineState } from "./connection";
import { type LiveEvent, type LiveEvents, type LiveName, toLiveEvent } from "./events";
import { applyEvent, refetchAll } from "./patch";
import type { SseMessage } from "./sse";

export type LiveStatus = { state: LineState; lastEventAt: number };

type Relay =
  | { kind: "event"; event: LiveEvent; id: string | null }
  | { kind: "state"; state: LineState }
  | { kind: "who" };
type Listener = (event: LiveEvent) => void;

const POLL_VISIBLE_MS = 10_000;
const POLL_HIDDEN_MS = 60_000;

export class LiveHub {
  readonly status: Store<LiveStatus> = createStore<LiveStatus>({
    state: "connecting",
    lastEventAt: Date.now(),
  });
  readonly #runtime: Runtime;
  readonly #listeners = new Set<Listener>();
  #stop: AbortController | null = null;
  #channel: BroadcastChannel | null = null;
  #poll: ReturnType<typeof setTimeout> | undefined;
  #leader = false;
  #wasDown = false;
  #lastId: string | null = null;
  /** The oldest answer that a page may show, until the stream has caught up with it. */
  #oldestRead = Number.POSITIVE_INFINITY;

  constructor(runtime: Runtime) {
    this.#runtime = runtime;
  }

  /** Starts for the signed-in person; calling it again changes nothing. */
  start(): void {
    const session = this.#runtime.session.current.get();
    if (this.#stop || !session) return;
    this.#stop = new AbortController();
    const name = `oore.live.${this.#runtime.instance.id}.${session.userId}`;
    this.#openChannel(name);
    void this.#lead(name, this.#stop.signal);
  }

  stop(): void {
    this.#stop?.abort();
    this.#stop = null;
    this.#channel?.close();
    this.#channel = null;
    clearTimeout(this.#poll);
    this.#leader = false;
    this.#wasDown = false;
    this.#lastId = null;
    this.#oldestRead = Number.POSITIVE_INFINITY;
  }

  /** Notes that an answer shows everything up to the event `position`. */
  read(position: number): void {
    if (this.#lastId === null) this.#oldestRead = Math.min(this.#oldestRead, position);
  }

  /** Calls `handler` for each event of that name until the returned function is called. */
  on<N extends LiveName>(name: N, handler: (data: LiveEvents[N]) => void): () => void {
    const listener: Listener = (event) => {
      if (event.name === name) handler(event.data as LiveEvents[N]);
    };
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Locks exist only in secure contexts; elsewhere each tab has to read its own stream. */
  async #lead(name: string, signal: AbortSignal): Promise<void> {
    const read = () => {
      this.#leader = true;
      return holdConnection(
        {
          open: (init) => this.#runtime.api.fetch("/v1/events", init),
          onState: (state) => this.#relay({ kind: "state", state }),
          lastId: this.#lastId,
          onMessage: (message) => this.#message(message),
        },
        signal,
      );
    };
    if (!navigator.locks) return read();
    await navigator.locks.request(name, { signal }, read).catch(() => undefined);
  }

  #openChannel(name: string): void {
    if (typeof BroadcastChannel === "undefined" || !navigator.locks) return;
    this.#channel = new BroadcastChannel(name);
    this.#channel.addEventListener("message", ({ data }: MessageEvent<Relay>) => {
      if (data.kind === "who" && this.#leader) this.#post({ kind: "state", state: this.status.get().state });
      else this.#take(data);
    });
    this.#post({ kind: "who" });
  }

  #message({ id, event: name, data }: SseMessage): void {
    const event = toLiveEvent(name, data);
    if (event) this.#relay({ kind: "event", event, id });
  }

  #relay(message: Relay): void {
    this.#post(message);
    this.#take(message);
  }

  #post(message: Relay): void {
    this.#channel?.postMessage(message);
  }

  #take(message: Relay): void {
    if (message.kind === "state") this.#setState(message.state);
    if (message.kind !== "event") return;
    if (message.id !== null) this.#reached(message.id);
    this.#deliver(message.event);
  }

  /** What happened between reading the pages and opening the stream is in neither of them. */
  #reached(id: string): void {
    const missed = this.#lastId === null && this.#oldestRead < Number(id);
    this.#lastId = id;
    this.#oldestRead = Number.POSITIVE_INFINITY;
    if (missed) refetchAll(this.#runtime);
  }

  #deliver(event: LiveEvent): void {
    this.status.set({ state: "live", lastEventAt: Date.now() });
    if (event.name === "hello") this.#runtime.recognise(event.data.instance_id);
    applyEvent(this.#runtime, event);
    for (const listener of [...this.#listeners]) listener(event);
  }

  #setState(state: LineState): void {
    const before = this.status.get();
    if (state === "live" && this.#wasDown) refetchAll(this.#runtime);
    if (state !== "connecting") this.#wasDown = state !== "live";
    if (state !== before.state) this.status.set({ ...before, state });
    if (state === "live" || state === "expired") clearTimeout(this.#poll);
    else if (before.state !== state) this.#schedulePoll();
  }

  /** Without a stream the pages would go stale: ask again, slowly. */
  #schedulePoll(): void {
    clearTimeout(this.#poll);
    const wait = document.visibilityState === "hidden" ? POLL_HIDDEN_MS : POLL_VISIBLE_MS;
    this.#poll = setTimeout(() => {
      if (this.status.get().state === "live" || !this.#stop) return;
      refetchAll(this.#runtime);
      this.#schedulePoll();
    }, wait);
  }
}
