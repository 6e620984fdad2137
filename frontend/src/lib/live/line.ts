/**
 * One event stream per browser, instance and person: the tab that holds the lock reads it and relays to the others. While no
 * stream can be had, pages ask again by themselves. It must not touch query caches itself (patch.ts does) nor open a second
 * stream while a leader exists. hub.ts makes one for each start.
 */
import type { Runtime } from "@/lib/instances/runtime";
import { holdConnection, type LineState } from "./connection";
import { type LiveEvent, toLiveEvent } from "./events";
import { applyEvent, refetchAll } from "./patch";
import type { SseMessage } from "./sse";
import { isReachable, isVisible, visibilityBecomes } from "./watch";

type Relay =
  | { kind: "event"; event: LiveEvent; id: string | null }
  | { kind: "state"; state: LineState }
  /** A new tab asks how things are. */
  | { kind: "who" }
  /** A tab that somebody looks at wants the line back. */
  | { kind: "hurry" };

const POLL_VISIBLE_MS = 10_000;
const POLL_HIDDEN_MS = 60_000;
/** Browsers let the clocks of background tabs run slowly, so a tab in front keeps a leader there awake. */
const HURRY_MS = 2_000;

export class Line {
  readonly #runtime: Runtime;
  readonly #signal: AbortSignal;
  readonly #channel: BroadcastChannel | null;
  readonly #alarm = new EventTarget();
  #poll: ReturnType<typeof setTimeout> | undefined;
  #hurry: ReturnType<typeof setInterval> | undefined;
  #leader = false;
  #wasDown = false;
  /** What the stream began with, for tabs that open later. */
  #hello: LiveEvent | null = null;

  /** Lasts until `signal` aborts; `name` is the same in all tabs of the person. */
  constructor(runtime: Runtime, name: string, signal: AbortSignal) {
    this.#runtime = runtime;
    this.#signal = signal;
    this.#channel = this.#openChannel(name);
    document.addEventListener("visibilitychange", () => this.#look(), { signal });
    signal.addEventListener("abort", () => this.#close());
    void this.#lead(name);
  }

  #close(): void {
    this.#channel?.close();
    clearTimeout(this.#poll);
    clearInterval(this.#hurry);
  }

  /** Locks exist only in secure contexts; elsewhere each tab in front reads a stream of its own. */
  async #lead(name: string): Promise<void> {
    if (!navigator.locks) return this.#readInFront();
    const read = () => this.#read(this.#signal);
    await navigator.locks.request(name, { signal: this.#signal }, read).catch(() => undefined);
  }

  /** A browser opens six connections to a host at most: tabs in the background must not take them all. */
  async #readInFront(): Promise<void> {
    while (!this.#signal.aborted) {
      await visibilityBecomes("visible", this.#signal);
      const hidden = new AbortController();
      void visibilityBecomes("hidden", this.#signal).then(() => hidden.abort());
      await this.#read(hidden.signal);
    }
  }

  #read(signal: AbortSignal): Promise<void> {
    this.#leader = true;
    const { api, live } = this.#runtime;
    return holdConnection(
      {
        open: (init) => api.fetch("/v1/events", init),
        isReachable: (stop) => isReachable(api, stop),
        onState: (state) => this.#relay({ kind: "state", state }),
        lastId: live.lastId,
        onMessage: (message) => this.#message(message),
        alarm: this.#alarm,
      },
      signal,
    );
  }

  #openChannel(name: string): BroadcastChannel | null {
    if (typeof BroadcastChannel === "undefined" || !navigator.locks) return null;
    const channel = new BroadcastChannel(name);
    channel.addEventListener("message", ({ data }: MessageEvent<Relay>) => {
      if (data.kind === "who") this.#answer();
      else if (data.kind === "hurry") this.#wake();
      else this.#take(data);
    });
    channel.postMessage({ kind: "who" } satisfies Relay);
    return channel;
  }

  /** Which daemon it is, and up to where this tab has heard it. */
  #answer(): void {
    if (!this.#leader) return;
    const { live } = this.#runtime;
    const { state } = live.status.get();
    if (state === "live" && this.#hello) this.#post({ kind: "event", event: this.#hello, id: live.lastId });
    else this.#post({ kind: "state", state });
  }

  #message({ id, event: name, data }: SseMessage): void {
    const event = toLiveEvent(name, data);
    if (event?.name === "hello") this.#hello = event;
    if (event) this.#relay({ kind: "event", event, id });
  }

  #relay(message: Relay): void {
    this.#post(message);
    this.#take(message);
  }

  #post(message: Relay): void {
    if (!this.#signal.aborted) this.#channel?.postMessage(message);
  }

  #take(message: Relay): void {
    if (this.#signal.aborted) return;
    if (message.kind === "state") this.#setState(message.state);
    if (message.kind !== "event") return;
    const { event, id } = message;
    const at = event.name === "hello" ? "begin" : "later";
    if (id !== null && this.#runtime.live.reached(id, at)) refetchAll(this.#runtime);
    this.#deliver(event);
  }

  #deliver(event: LiveEvent): void {
    const { live } = this.#runtime;
    if (live.status.get().state !== "live") this.#setState("live");
    live.status.set({ state: "live", lastEventAt: Date.now() });
    if (event.name === "hello") this.#runtime.recognise(event.data.instance_id);
    applyEvent(this.#runtime, event);
    live.tell(event);
  }

  #setState(state: LineState): void {
    const { status } = this.#runtime.live;
    const before = status.get();
    if (state === "live" && this.#wasDown) refetchAll(this.#runtime);
    if (state !== "connecting") this.#wasDown = state !== "live";
    // What is on screen was true until the line broke, however long nothing had happened.
    const lastEventAt = before.state === "live" ? Date.now() : before.lastEventAt;
    if (state !== before.state) status.set({ lastEventAt, state });
    clearInterval(this.#hurry);
    if (state === "live" || state === "expired") {
      clearTimeout(this.#poll);
      this.#poll = undefined;
      return;
    }
    if (this.#poll === undefined) this.#schedulePoll();
    // Where no stream gets through, asking for it every other second would not help.
    if (state === "polling") return;
    this.#hurry = setInterval(() => isVisible() && this.#post({ kind: "hurry" }), HURRY_MS);
  }

  /** Without a stream the pages would go stale: ask again, slowly. */
  #schedulePoll(): void {
    clearTimeout(this.#poll);
    this.#poll = setTimeout(() => this.#askAgain(), isVisible() ? POLL_VISIBLE_MS : POLL_HIDDEN_MS);
  }

  #askAgain(): void {
    refetchAll(this.#runtime);
    this.#schedulePoll();
  }

  /** Somebody comes back to a tab whose line is down: they wait for no slow clock. */
  #look(): void {
    const { state } = this.#runtime.live.status.get();
    if (!isVisible() || (state !== "down" && state !== "polling")) return;
    this.#alarm.dispatchEvent(new Event("wake"));
    this.#post({ kind: "hurry" });
    this.#askAgain();
  }

  #wake(): void {
    if (this.#leader && !isVisible()) this.#alarm.dispatchEvent(new Event("wake"));
  }
}
