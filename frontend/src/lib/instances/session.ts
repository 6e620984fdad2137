/**
 * One instance's session in this tab: sessionStorage['oore.session.<id>'], handed to new tabs over BroadcastChannel.
 * It must never write a token to localStorage, a URL or a log.
 */
import { createStore, type Store } from "@/lib/store";

/** `expiresAt` in unix seconds, as on the wire. */
export type Session = { token: string; expiresAt: number; userId: string };

type Message = { kind: "ask" } | { kind: "session"; session: Session } | { kind: "signed_out" };

const HAND_OVER_WAIT_MS = 150;

export class SessionKeeper {
  readonly current: Store<Session | null>;
  readonly #key: string;
  readonly #channel: BroadcastChannel | null;
  #asked: Promise<void> | null = null;

  constructor(instanceId: string) {
    this.#key = `oore.session.${instanceId}`;
    this.current = createStore(read(this.#key));
    this.#channel = typeof BroadcastChannel === "undefined" ? null : new BroadcastChannel(this.#key);
    this.#channel?.addEventListener("message", (event: MessageEvent<Message>) => this.#receive(event.data));
  }

  /** Resolves once a stored or handed-over session is in place, or it is clear that none exists. */
  ready(): Promise<void> {
    if (this.token() || !this.#channel) return Promise.resolve();
    this.#asked ??= this.#ask().finally(() => {
      this.#asked = null;
    });
    return this.#asked;
  }

  token(): string | null {
    return this.current.get()?.token ?? null;
  }

  /** Whether this tab had a session whose time is up, as opposed to none or one that was ended. */
  hasExpired(): boolean {
    const last = this.current.get() ?? stored(this.#key);
    return last !== null && last.expiresAt * 1000 <= Date.now();
  }

  start(session: Session): void {
    this.#store(session);
  }

  /** Ends the session in this tab and in all others. */
  end(): void {
    this.#store(null);
    this.#channel?.postMessage({ kind: "signed_out" } satisfies Message);
  }

  /** Forgets a session that the server no longer accepts, in this tab only. */
  drop(): void {
    this.#store(null);
  }

  close(): void {
    this.#channel?.close();
  }

  #ask(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(done, HAND_OVER_WAIT_MS);
      const stop = this.current.subscribe(done);
      function done() {
        clearTimeout(timer);
        stop();
        resolve();
      }
      this.#channel?.postMessage({ kind: "ask" } satisfies Message);
    });
  }

  #receive(message: Message): void {
    const session = this.current.get();
    if (message.kind === "ask" && session)
      this.#channel?.postMessage({ kind: "session", session } satisfies Message);
    if (message.kind === "session" && this.#asked && !session) this.#store(message.session);
    if (message.kind === "signed_out") this.#store(null);
  }

  #store(session: Session | null): void {
    try {
      if (session) sessionStorage.setItem(this.#key, JSON.stringify(session));
      else sessionStorage.removeItem(this.#key);
    } catch {
      // Storage is off: the session lives in memory only.
    }
    this.current.set(session);
  }
}

function read(key: string): Session | null {
  const session = stored(key);
  return session && session.expiresAt * 1000 > Date.now() ? session : null;
}

function stored(key: string): Session | null {
  try {
    const found = JSON.parse(sessionStorage.getItem(key) ?? "null");
    const isSession = typeof found?.token === "string" && typeof found.expiresAt === "number";
    return isSession
      ? { token: found.token, expiresAt: found.expiresAt, userId: String(found.userId) }
      : null;
  } catch {
    return null;
  }
}
