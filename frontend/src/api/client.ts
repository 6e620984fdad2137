/**
 * The typed fetch core: paths, queries, bodies and answers come from the generated schema.
 * It must not cache, show messages or know any page; it never puts a token into a URL.
 */
import { ApiError, errorFromResponse } from "./errors";
import type { paths } from "./schema.gen";

const RETRY_DELAY_MS = 400;

type Method = "get" | "post" | "put" | "patch" | "delete";
type PathFor<M extends Method> = {
  [P in keyof paths]: paths[P] extends Record<M, object> ? P : never;
}[keyof paths];
type Operation<P extends keyof paths, M extends Method> = paths[P] extends Record<M, infer O> ? O : never;

type PathParams<O> = O extends { parameters: { path: infer V } } ? { path: V } : { path?: never };
type QueryParams<O> = O extends { parameters: { query?: infer V } } ? { query?: V } : { query?: never };
type Body<O> = O extends { requestBody: { content: { "application/json": infer B } } }
  ? { body: B }
  : O extends { requestBody?: { content: { "application/json": infer B } } }
    ? { body?: B }
    : { body?: never };
type JsonOf<R> = R extends { content: { "application/json": infer J } } ? J : never;
type Answer<O> = O extends { responses: infer R } ? JsonOf<R[keyof R & (200 | 201 | 202)]> : never;
type Options<O> = PathParams<O> & QueryParams<O> & Body<O> & { signal?: AbortSignal };
type Args<O> = Record<string, never> extends Options<O> ? [options?: Options<O>] : [options: Options<O>];

type Loose = {
  path?: Record<string, unknown>;
  query?: Record<string, unknown>;
  body?: unknown;
  signal?: AbortSignal;
};

export type ClientSetup = {
  baseUrl: string;
  token: () => string | null;
  /** Told up to which event an answer shows everything. */
  onPosition: (position: number) => void;
  /** Called on a 401 with its error and the refused token; answers whether another one is there, so that repeating is worth it. */
  renewSession: (refusal: ApiError, used: string) => Promise<boolean>;
};

export class ApiClient {
  readonly #setup: ClientSetup;

  constructor(setup: ClientSetup) {
    this.#setup = setup;
  }

  get<P extends PathFor<"get">>(path: P, ...[options]: Args<Operation<P, "get">>) {
    return this.#json<Answer<Operation<P, "get">>>("GET", path, options as Loose);
  }

  post<P extends PathFor<"post">>(path: P, ...[options]: Args<Operation<P, "post">>) {
    return this.#json<Answer<Operation<P, "post">>>("POST", path, options as Loose);
  }

  put<P extends PathFor<"put">>(path: P, ...[options]: Args<Operation<P, "put">>) {
    return this.#json<Answer<Operation<P, "put">>>("PUT", path, options as Loose);
  }

  patch<P extends PathFor<"patch">>(path: P, ...[options]: Args<Operation<P, "patch">>) {
    return this.#json<Answer<Operation<P, "patch">>>("PATCH", path, options as Loose);
  }

  delete<P extends PathFor<"delete">>(path: P, ...[options]: Args<Operation<P, "delete">>) {
    return this.#json<Answer<Operation<P, "delete">>>("DELETE", path, options as Loose);
  }

  /** The raw answer, for streams and downloads; errors and expired sessions are handled as for JSON. */
  async fetch(path: string, init: RequestInit = {}): Promise<Response> {
    const used = this.#setup.token();
    const response = await this.#send(path, init);
    // Signing in and out must not ask for a session themselves.
    if (response.status !== 401 || !used || path.startsWith("/v1/auth/")) return passOrThrow(response);
    const refusal = await errorFromResponse(response);
    if (!(await this.#setup.renewSession(refusal, used))) throw refusal;
    return passOrThrow(await this.#send(path, init));
  }

  async #json<T>(method: string, path: string, options: Loose = {}): Promise<T> {
    const init: RequestInit = { method, signal: options.signal };
    if (options.body !== undefined) {
      init.body = JSON.stringify(options.body);
      init.headers = { "content-type": "application/json" };
    }
    const url = fillPath(path, options.path) + queryString(options.query);
    const response = await (method === "GET" ? this.#fetchTwice(url, init) : this.fetch(url, init));
    if (response.status === 204) return undefined as T;
    return parseJson<T>(response);
  }

  async #fetchTwice(url: string, init: RequestInit): Promise<Response> {
    try {
      return await this.fetch(url, init);
    } catch (cause) {
      if (!(cause instanceof ApiError) || !cause.transient || cause.status === 429) throw cause;
      await pause(RETRY_DELAY_MS, init.signal);
      return this.fetch(url, init);
    }
  }

  async #send(path: string, init: RequestInit): Promise<Response> {
    const headers = new Headers(init.headers);
    const token = this.#setup.token();
    if (token) headers.set("authorization", `Bearer ${token}`);
    try {
      const response = await fetch(this.#setup.baseUrl + path, {
        ...init,
        headers,
        // For an access proxy in front of the daemon; the daemon itself knows people by the header only.
        credentials: "include",
        cache: "no-store",
      });
      const position = Number(response.headers.get("x-oore-events"));
      if (position > 0) this.#setup.onPosition(position);
      return response;
    } catch (cause) {
      if (init.signal?.aborted) throw cause;
      throw new ApiError({ status: 0, code: "unreachable", message: String(cause) });
    }
  }
}

async function passOrThrow(response: Response): Promise<Response> {
  if (!response.ok) throw await errorFromResponse(response);
  return response;
}

async function parseJson<T>(response: Response): Promise<T> {
  try {
    return (await response.json()) as T;
  } catch (cause) {
    const requestId = response.headers.get("x-request-id");
    throw new ApiError({ status: 502, code: "malformed_response", message: String(cause), requestId });
  }
}

function fillPath(path: string, values: Record<string, unknown> = {}): string {
  return path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(values[name])));
}

function queryString(values: Record<string, unknown> = {}): string {
  const given = Object.entries(values).filter(
    ([, value]) => value !== undefined && value !== null && value !== "",
  );
  if (given.length === 0) return "";
  return `?${new URLSearchParams(given.map(([name, value]): [string, string] => [name, String(value)]))}`;
}

function pause(ms: number, signal?: AbortSignal | null): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    signal?.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(signal.reason);
    });
  });
}
