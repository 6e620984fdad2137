/** The fetch core: addresses, errors, the one retry, renewed sessions. */
import { beforeEach, expect, test } from "bun:test";
import { ApiClient } from "@/api/client";
import { ApiError } from "@/api/errors";
import { formatBytes, formatDuration, formatRelative } from "@/lib/format";

let seen: Request[] = [];
let answers: (Response | Error)[] = [];

beforeEach(() => {
  seen = [];
  answers = [];
  globalThis.fetch = (async (input: string, init: RequestInit) => {
    seen.push(new Request(input, init));
    const answer = answers.shift() ?? Response.json({});
    if (answer instanceof Error) throw answer;
    return answer;
  }) as typeof fetch;
});

function client(renewSession = async () => false, token: () => string | null = () => "t1"): ApiClient {
  return new ApiClient({
    baseUrl: "https://ci.example.com",
    token,
    onPosition: () => undefined,
    renewSession,
  });
}

const failure = (status: number, body: unknown) =>
  Response.json(body, { status, headers: { "x-request-id": "r-9" } });

async function errorOf(promise: Promise<unknown>): Promise<ApiError> {
  const cause = await promise.then(
    () => null,
    (error: unknown) => error,
  );
  if (!(cause instanceof ApiError)) throw new Error("an ApiError was expected");
  return cause;
}

test("paths are escaped, empty query values left out, the token is a header", async () => {
  await client().get("/v1/projects/{project_id}", { path: { project_id: "a/b" } });
  await client().get("/v1/projects", { query: { search: "", limit: 5, sort: undefined } });
  expect(seen.map((request) => request.url)).toEqual([
    "https://ci.example.com/v1/projects/a%2Fb",
    "https://ci.example.com/v1/projects?limit=5",
  ]);
  expect(seen[0]?.headers.get("authorization")).toBe("Bearer t1");
});

test("an error body becomes code, hint, fields and request id", async () => {
  answers = [
    failure(400, {
      error: "bad",
      code: "invalid_input",
      hint: "do so",
      fields: [{ field: "name", message: "empty" }, 3],
      request_id: "r-1",
    }),
  ];
  const error = await errorOf(client().post("/v1/projects", { body: { name: "" } }));
  expect(error).toMatchObject({
    status: 400,
    code: "invalid_input",
    message: "bad",
    hint: "do so",
    requestId: "r-1",
  });
  expect(error.fields).toEqual([{ field: "name", message: "empty" }]);
});

test("an answer that is not ours still becomes an error", async () => {
  answers = [
    new Response("<html>", { status: 404 }),
    new Response("{", { status: 200 }),
    new Response("{", { status: 200 }),
  ];
  expect((await errorOf(client().get("/v1/projects"))).code).toBe("http_404");
  expect((await errorOf(client().get("/v1/projects"))).code).toBe("malformed_response");
});

test("a read is repeated once after a network or server failure; a write never", async () => {
  answers = [new TypeError("refused"), Response.json({ projects: [], total: 0 })];
  expect(await client().get("/v1/projects")).toEqual({ projects: [], total: 0 });
  answers = [failure(503, {}), failure(503, {})];
  expect((await errorOf(client().get("/v1/projects"))).status).toBe(503);
  expect(seen.length).toBe(4);
  answers = [failure(500, {})];
  await errorOf(client().post("/v1/projects", { body: { name: "x" } }));
  expect(seen.length).toBe(5);
});

test("a 401 asks for a new session once and repeats the request with it", async () => {
  let token = "t1";
  const renew = async () => {
    token = "t2";
    return true;
  };
  answers = [failure(401, { code: "invalid_session" }), Response.json({ ok: true })];
  await client(renew, () => token).post("/v1/projects", { body: { name: "x" } });
  expect(seen.map((request) => request.headers.get("authorization"))).toEqual(["Bearer t1", "Bearer t2"]);
  expect(await seen[1]?.json()).toEqual({ name: "x" });
});

test("an aborted request is not an ApiError and is not repeated", async () => {
  const stop = new AbortController();
  stop.abort(new DOMException("stop", "AbortError"));
  answers = [new DOMException("stop", "AbortError")];
  const cause = await client()
    .get("/v1/projects", { signal: stop.signal })
    .catch((error: unknown) => error);
  expect(cause).not.toBeInstanceOf(ApiError);
  expect(seen.length).toBe(1);
});

test("durations, sizes and ages read well", () => {
  expect([850, 12_000, 245_000, 3_720_000].map(formatDuration)).toEqual([
    "850 ms",
    "12 s",
    "4 min 05 s",
    "1 h 02 min",
  ]);
  expect([999, 1500, 12_345_678].map(formatBytes)).toEqual(["999 B", "1.5 kB", "12.3 MB"]);
  const now = Date.now();
  expect(formatRelative(now - 3_000, now)).toBe("just now");
  expect(formatRelative(now - 240_000, now)).toBe("4 min ago");
  expect(formatRelative(now - 3_590_000, now)).toBe("59 min ago");
  const at = (day: number, hour: number) => new Date(2026, 4, day, hour).getTime();
  expect(formatRelative(at(5, 22), at(7, 9))).toBe("2 days ago");
  expect(formatRelative(at(6, 1), at(7, 9))).toBe("yesterday");
  expect(formatRelative(at(7, 1), at(7, 9))).toBe("8 hr ago");
});
