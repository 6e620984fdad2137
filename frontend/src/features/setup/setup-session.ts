/**
 * The open set-up of one instance in this tab: its token in sessionStorage and nowhere else, its API client, what the tab
 * remembers between reloads. It must not store any secret but the token.
 */
import type { ApiClient } from "@/api/client";
import type { Runtime } from "@/lib/instances/runtime";
import { createStore, type Store } from "@/lib/store";
import { readTab, tabKeys, writeTab } from "@/lib/tab-storage";
import type { Method } from "./progress";

type Remembered = { chosen: Method | null };

const NOTHING: Remembered = { chosen: null };

export class SetupSession {
  readonly token: Store<string | null>;
  readonly remembered: Store<Remembered>;
  readonly api: ApiClient;
  /** Counts the openings, so that what one of them was told is never taken for another's. */
  openings = 0;
  readonly #tokenKey: string;
  readonly #rememberedKey: string;
  readonly #draftPrefix: string;

  constructor(runtime: Runtime) {
    this.#tokenKey = `oore.setup.${runtime.instance.id}`;
    this.#rememberedKey = `oore.setup-steps.${runtime.instance.id}`;
    this.#draftPrefix = `setup.${runtime.instance.id}.`;
    this.token = createStore(readTab(this.#tokenKey));
    this.remembered = createStore({ ...NOTHING, ...parsed(readTab(this.#rememberedKey)) });
    this.api = runtime.apiAs(this.token.get);
  }

  open(token: string): void {
    writeTab(this.#tokenKey, token);
    this.openings += 1;
    this.token.set(token);
  }

  /** The server no longer takes the token. What was entered stays. */
  lock(): void {
    writeTab(this.#tokenKey, null);
    this.token.set(null);
  }

  remember(patch: Partial<Remembered>): void {
    const next = { ...this.remembered.get(), ...patch };
    writeTab(this.#rememberedKey, JSON.stringify(next));
    this.remembered.set(next);
  }

  /** Under which lib/draft keeps what is typed into a step. */
  draftKey(step: string): string {
    return `${this.#draftPrefix}${step}`;
  }

  /** The set-up is over: nothing of it is left in the tab. */
  forget(): void {
    this.lock();
    writeTab(this.#rememberedKey, null);
    this.remembered.set(NOTHING);
    const drafts = tabKeys().filter((key) => key.includes(this.#draftPrefix));
    for (const key of drafts) writeTab(key, null);
  }
}

const sessions = new WeakMap<Runtime, SetupSession>();

export function setupSessionOf(runtime: Runtime): SetupSession {
  const known = sessions.get(runtime);
  if (known) return known;
  const session = new SetupSession(runtime);
  sessions.set(runtime, session);
  return session;
}

function parsed(text: string | null): object {
  try {
    return JSON.parse(text ?? "{}");
  } catch {
    return {};
  }
}
