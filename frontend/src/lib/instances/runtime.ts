/**
 * Everything that belongs to one instance while the tab lives: API client, session, query cache, event stream.
 * Two runtimes must share nothing; the map below is the only way to get one.
 */
import type { QueryClient } from "@tanstack/react-query";
import { ApiClient } from "@/api/client";
import type { ApiError } from "@/api/errors";
import { LiveHub } from "@/lib/live/hub";
import { createStore } from "@/lib/store";
import { forgetKeys, readTab, writeTab } from "@/lib/tab-storage";
import type { Toast } from "@/lib/toasts";
import { createQueryClient } from "./query-client";
import { type Instance, instances, isOwn } from "./registry";
import { SessionKeeper } from "./session";

/** A question to the person: sign in again? Resolved by the re-authentication dialog. */
export type ReauthRequest = { reason: "expired" | "ended"; resolve: (signedIn: boolean) => void };

export class Runtime {
  instance: Instance;
  readonly api: ApiClient;
  readonly session: SessionKeeper;
  readonly queryClient: QueryClient;
  readonly live: LiveHub;
  readonly reauth = createStore<ReauthRequest | null>(null);
  /** What the signed-in person is told, or will be when they are back. */
  readonly toasts = createStore<readonly Toast[]>([]);
  #renewal: Promise<boolean> | null = null;
  #daemonId: string | null;
  #person: string | null;
  /** With which the person went on without a break. What was asked for with one of these may be sent again with the last. */
  readonly #tokens = new Set<string>();

  constructor(instance: Instance) {
    this.instance = instance;
    this.session = new SessionKeeper(instance.id);
    this.queryClient = createQueryClient(instance.id);
    this.api = new ApiClient({
      baseUrl: baseUrl(instance),
      token: () => this.session.token(),
      onPosition: (position) => this.live.read(position),
      renewSession: (refusal, used) => this.#renewSession(refusal, used),
    });
    this.live = new LiveHub(this);
    this.#daemonId = readTab(daemonKey(instance));
    this.#person = this.session.current.get()?.userId ?? null;
    this.#follow();
    this.session.current.subscribe(() => this.#follow());
  }

  /** A client with another credential than the person's session, such as the one of a set-up. */
  apiAs(token: () => string | null): ApiClient {
    return new ApiClient({
      baseUrl: baseUrl(this.instance),
      token,
      onPosition: () => undefined,
      renewSession: async () => false,
    });
  }

  /** Query keys of this instance; the prefix is the second wall beside the separate client. */
  key(...parts: readonly unknown[]): readonly unknown[] {
    return ["i", this.instance.id, ...parts];
  }

  /** The daemon says who it is. If another one took over the address, nothing of the old one may stay. */
  recognise(daemonId: string): void {
    const known = this.#daemonId;
    this.#remember(daemonId);
    if (known !== null && known !== daemonId) this.session.drop();
  }

  /** Which daemon the session is with is known as long as the session, also after a reload. */
  #remember(daemonId: string | null): void {
    this.#daemonId = daemonId;
    writeTab(daemonKey(this.instance), daemonId);
  }

  /** The instance is no longer in the list: nothing of it stays in this browser. */
  close(): void {
    this.session.drop();
    this.clear();
    this.session.close();
    forgetKeys(this.instance.id);
    runtimes.delete(this.instance.id);
  }

  /** Forgets everything that the signed-in person could see, and what they had asked for and waits for a session. */
  clear(): void {
    this.reauth.get()?.resolve(false);
    this.queryClient.clear();
    this.toasts.set([]);
    this.live.beginAnew();
  }

  /**
   * The one place that says what a change of the session means: it started, it goes on with another token, it ended or became
   * somebody else's. What one person asked for must not be sent again in the name of another, nor after signing out.
   */
  #follow(): void {
    const session = this.session.current.get();
    const before = this.#person;
    this.#person = session?.userId ?? null;
    if (this.#person !== before) {
      this.#tokens.clear();
      this.#remember(null);
      if (before === null) this.live.beginAnew();
      else this.clear();
    }
    if (!session || this.#tokens.has(session.token)) return;
    this.#tokens.add(session.token);
    this.reauth.get()?.resolve(true);
  }

  /** All requests that fail at the same time wait for the same answer: of the person, or of another tab that has it. */
  #renewSession(refusal: ApiError, used: string): Promise<boolean> {
    // Since it was sent there is another session, or none: nobody needs to be asked.
    if (used !== this.session.token()) return Promise.resolve(this.#tokens.has(used));
    const reason = refusal.facts.reason === "expired" || this.session.hasExpired() ? "expired" : "ended";
    this.#renewal ??= this.#askForSession(reason);
    return this.#renewal;
  }

  #askForSession(reason: ReauthRequest["reason"]): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const answered = new AbortController();
    this.session.followOthers(answered.signal);
    this.reauth.set({
      reason,
      resolve: (signedIn) => {
        answered.abort();
        this.#renewal = null;
        this.reauth.set(null);
        resolve(signedIn);
      },
    });
    return promise;
  }
}

const runtimes = new Map<string, Runtime>();

// Taken off the list, here or in another tab.
instances.subscribe(() => {
  const ids = new Set(instances.get().map(({ id }) => id));
  for (const [id, runtime] of [...runtimes]) if (!ids.has(id)) runtime.close();
});

export function runtimeOf(instance: Instance): Runtime {
  const known = runtimes.get(instance.id);
  if (known?.instance.url === instance.url) {
    // The label may be another one by now.
    known.instance = instance;
    return known;
  }
  const runtime = new Runtime(instance);
  runtimes.set(instance.id, runtime);
  return runtime;
}

const daemonKey = ({ id }: Instance): string => `oore.daemon.${id}`;

/** Under the dev server requests go through its proxy, so the base is empty there. */
function baseUrl(instance: Instance): string {
  return process.env.NODE_ENV === "development" && isOwn(instance) ? "" : instance.url;
}
