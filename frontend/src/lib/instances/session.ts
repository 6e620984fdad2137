/**
 * One instance's session in this tab: sessionStorage['oore.session.<id>'], handed to new tabs over BroadcastChannel, and to
 * those whose own has ended. A tab in the background answers too: whoever opens a tab by hand has sent the other one there.
 * It must never write a token to localStorage, a URL or a log.
 */
import { createStore, type Store } from "@/lib/store";

/** `expiresAt` in unix seconds, as on the wire. */
export type Session = { token: string; expiresAt: number; userId: string };

type Message = { kind: "ask" } | { kind: "session"; session: Session } | { kind: "signed_out" };

/** How long a tab that is known to be signed in may take to answer, and how long to wait for one that may not exist. */
const KNOWN_WAIT_MS = 1_000;
const UNKNOWN_WAIT_MS = 150;

export class SessionKeeper {
  readonly current: Store<Session | null>;
  readonly #key: string;
  readonly #channel: BroadcastChannel | null;
  #asked: Promise<void> | null = null;
  /** Set while another tab's session would be taken over. */
  #wants: ((offered: Session) => boolean) | null = null;
  #release: (() => void) | null = null;

  constructor(instanceId: string) {
    this.#key = `oore.session.${instanceId}`;
    this.current = createStore(read(this.#key));
    this.#channel = typeof BroadcastChannel === "undefined" ? null : new BroadcastChannel(this.#key);
    this.#channel?.addEventListener("message", (event: MessageEvent<Message>) => this.#receive(event.data));
    this.#show();
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
    return last !== null && !isGood(last);
  }

  /** Tabs whose session has ended go on with this one. */
  start(session: Session): void {
    this.#store(session);
    this.#post({ kind: "session", session });
  }

  /** Until `signal` aborts, takes over the session with which the same person goes on in another tab. */
  followOthers(signal: AbortSignal): void {
    const ended = this.current.get();
    const isNew = ({ token, userId }: Session) => token !== ended?.token && userId === ended?.userId;
    this.#wants = isNew;
    signal.addEventListener("abort", () => {
      if (this.#wants === isNew) this.#wants = null;
    });
    this.#post({ kind: "ask" });
  }

  /** Ends the session in this tab and in all others. */
  end(): void {
    this.#store(null);
    this.#post({ kind: "signed_out" });
  }

  /** Forgets a session that the server no longer accepts, in this tab only. */
  drop(): void {
    this.#store(null);
  }

  close(): void {
    this.#channel?.close();
    this.#release?.();
  }

  async #ask(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const stop = this.current.subscribe(resolve);
    this.#wants = () => true;
    this.#post({ kind: "ask" });
    const timer = setTimeout(resolve, (await answerTime(this.#key)) ?? UNKNOWN_WAIT_MS);
    await promise;
    clearTimeout(timer);
    stop();
    this.#wants = null;
  }

  #receive(message: Message): void {
    const session = this.current.get();
    if (message.kind === "ask" && session && isGood(session)) this.#post({ kind: "session", session });
    if (message.kind === "session" && this.#wants?.(message.session)) this.#store(message.session);
    if (message.kind === "signed_out") this.#store(null);
  }

  #post(message: Message): void {
    this.#channel?.postMessage(message);
  }

  #store(session: Session | null): void {
    try {
      if (session) sessionStorage.setItem(this.#key, JSON.stringify(session));
      else sessionStorage.removeItem(this.#key);
    } catch {
      // Storage is off: the session lives in memory only.
    }
    this.current.set(session);
    this.#show();
  }

  /** A lock that any number of tabs may hold shows a new tab that asking is worth a moment. */
  #show(): void {
    if (!this.current.get()) {
      this.#release?.();
      this.#release = null;
      return;
    }
    if (this.#release || !navigator.locks) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#release = resolve;
    void navigator.locks.request(this.#key, { mode: "shared" }, () => promise).catch(() => undefined);
  }
}

/** How long an answer is worth waiting for; null where it can't be known, as in insecure contexts. */
async function answerTime(key: string): Promise<number | null> {
  try {
    const { held = [] } = await navigator.locks.query();
    return held.some(({ name }) => name === key) ? KNOWN_WAIT_MS : 0;
  } catch {
    return null;
  }
}

const isGood = ({ expiresAt }: Session): boolean => expiresAt * 1000 > Date.now();

function read(key: string): Session | null {
  const session = stored(key);
  return session && isGood(session) ? session : null;
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
