/**
 * Everything that belongs to one instance while the tab lives: API client, session, query cache, event stream.
 * Two runtimes must share nothing; the map below is the only way to get one.
 */
import type { QueryClient } from "@tanstack/react-query";
import { ApiClient } from "@/api/client";
import type { ApiError } from "@/api/errors";
import { LiveHub } from "@/lib/live/hub";
import { createStore } from "@/lib/store";
import { forgetKeys } from "@/lib/tab-storage";
import { createQueryClient } from "./query-client";
import { type Instance, isOwn } from "./registry";
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
  #renewal: Promise<boolean> | null = null;
  #daemonId: string | null = null;

  constructor(instance: Instance) {
    this.instance = instance;
    this.session = new SessionKeeper(instance.id);
    this.queryClient = createQueryClient(instance.id);
    this.api = new ApiClient({
      baseUrl: baseUrl(instance),
      token: () => this.session.token(),
      onPosition: (position) => this.live.read(position),
      renewSession: (refusal) => this.#renewSession(refusal),
    });
    this.live = new LiveHub(this);
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
    const isOther = this.#daemonId !== null && this.#daemonId !== daemonId;
    this.#daemonId = daemonId;
    if (!isOther) return;
    this.clear();
    this.session.drop();
  }

  /** The instance is no longer in the list: nothing of it stays in this browser. */
  close(): void {
    this.clear();
    this.session.drop();
    this.session.close();
    forgetKeys(this.instance.id);
    runtimes.delete(this.instance.id);
  }

  /** Forgets everything that the signed-in person could see. */
  clear(): void {
    this.live.stop();
    this.live.forget();
    this.queryClient.clear();
  }

  /** All requests that fail at the same time wait for the same answer: of the person, or of another tab that has it. */
  #renewSession(refusal: ApiError): Promise<boolean> {
    const reason = refusal.facts.reason === "expired" || this.session.hasExpired() ? "expired" : "ended";
    this.#renewal ??= this.#askForSession(reason).finally(() => {
      this.#renewal = null;
      this.reauth.set(null);
    });
    return this.#renewal;
  }

  async #askForSession(reason: ReauthRequest["reason"]): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const answered = new AbortController();
    const before = this.session.current.get();
    const stop = this.session.current.subscribe(() => {
      const now = this.session.current.get();
      // What one person asked for must not be sent again in the name of another.
      if (now && now.token !== before?.token && now.userId === before?.userId) resolve(true);
    });
    this.session.followOthers(answered.signal);
    this.reauth.set({ reason, resolve });
    const signedIn = await promise;
    stop();
    answered.abort();
    return signedIn;
  }
}

const runtimes = new Map<string, Runtime>();

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

/** Under the dev server requests go through its proxy, so the base is empty there. */
function baseUrl(instance: Instance): string {
  return process.env.NODE_ENV === "development" && isOwn(instance) ? "" : instance.url;
}
