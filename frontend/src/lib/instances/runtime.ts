/**
 * Everything that belongs to one instance while the tab lives: API client, session, query cache, event stream.
 * Two runtimes must share nothing; the map below is the only way to get one.
 */
import type { QueryClient } from "@tanstack/react-query";
import { ApiClient } from "@/api/client";
import type { ApiError } from "@/api/errors";
import { LiveHub } from "@/lib/live/hub";
import { createStore } from "@/lib/store";
import { createQueryClient } from "./query-client";
import type { Instance } from "./registry";
import { SessionKeeper } from "./session";

/** A question to the person: sign in again? Resolved by the re-authentication dialog. */
export type ReauthRequest = { reason: "expired" | "ended"; resolve: (signedIn: boolean) => void };

export class Runtime {
  readonly instance: Instance;
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
    this.queryClient = createQueryClient();
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

  /** Forgets everything that the signed-in person could see. */
  clear(): void {
    this.live.stop();
    this.queryClient.clear();
  }

  /** All requests that fail at the same time wait for the same answer of the person. */
  #renewSession(refusal: ApiError): Promise<boolean> {
    const reason = refusal.facts.reason === "expired" || this.session.hasExpired() ? "expired" : "ended";
    this.#renewal ??= new Promise<boolean>((resolve) => {
      this.reauth.set({ reason, resolve });
    }).finally(() => {
      this.#renewal = null;
      this.reauth.set(null);
    });
    return this.#renewal;
  }
}

const runtimes = new Map<string, Runtime>();

export function runtimeOf(instance: Instance): Runtime {
  const known = runtimes.get(instance.id);
  if (known && known.instance.url === instance.url) return known;
  const runtime = new Runtime(instance);
  runtimes.set(instance.id, runtime);
  return runtime;
}

/** Under the dev server requests go through its proxy, so the base is empty there. */
function baseUrl(instance: Instance): string {
  return process.env.NODE_ENV === "development" && instance.url === window.location.origin
    ? ""
    : instance.url;
}
