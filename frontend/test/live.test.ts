/** The event stream: framing, resuming, giving up slowly, and what events do to caches. */
import { expect, test } from "bun:test";
import { waitFor } from "@testing-library/react";
import { buildQuery } from "@/lib/build-queries";
import { addInstance } from "@/lib/instances/registry";
import { runtimeOf } from "@/lib/instances/runtime";
import { holdConnection, type LineState } from "@/lib/live/connection";
import { readSse, type SseMessage } from "@/lib/live/sse";
import { buildsQuery } from "@/lib/queries";
import { FakeDaemon } from "./fake/daemon.ts";
import { aBuild, NOW } from "./fake/data.ts";

function bytes(...parts: string[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (const part of parts) controller.enqueue(new TextEncoder().encode(part));
      controller.close();
    },
  });
}

async function messages(body: ReadableStream<Uint8Array>): Promise<SseMessage[]> {
  const found: SseMessage[] = [];
  for await (const message of readSse(body)) if (message) found.push(message);
  return found;
}

test("events are read however the bytes are cut; comments are no events", async () => {
  const found = await messages(
    bytes(": hi\n\nid: 4\neve", 'nt: build\ndata: {"a"', ":1}\n", "\ndata: x\r\n\r\n"),
  );
  expect(found).toEqual([
    { id: "4", event: "build", data: '{"a":1}' },
    { id: null, event: "message", data: "x" },
  ]);
});

test("a lost line is taken up again after the last event that was seen", async () => {
  const stop = new AbortController();
  const asked: (string | null)[] = [];
  const states: LineState[] = [];
  const open = async (init: RequestInit) => {
    asked.push(new Headers(init.headers).get("last-event-id"));
    if (asked.length === 3) stop.abort();
    return new Response(bytes(`id: ${asked.length * 10}\nevent: build\ndata: {}\n\n`));
  };
  await holdConnection(
    {
      open,
      isReachable: async () => true,
      lastId: null,
      onState: (state) => states.push(state),
      onMessage: () => undefined,
    },
    stop.signal,
  );
  expect(asked).toEqual([null, "10", "20"]);
  expect(states).toContain("live");
});

/** What is said of a line that is tried twice and given up. */
async function statesOfTwoTries(answer: () => Promise<Response>, isReachable: boolean): Promise<LineState[]> {
  const stop = new AbortController();
  const states: LineState[] = [];
  let tries = 0;
  const open = () => {
    tries += 1;
    if (tries === 2) setTimeout(() => stop.abort(), 20);
    return answer();
  };
  await holdConnection(
    {
      open,
      isReachable: async () => isReachable,
      lastId: null,
      onState: (state) => states.push(state),
      onMessage: () => undefined,
    },
    stop.signal,
  );
  return states;
}

test("a daemon that stays away is called down", async () => {
  const refuse = () => Promise.reject(new TypeError("refused"));
  expect(await statesOfTwoTries(refuse, false)).toEqual(["connecting", "connecting", "down"]);
});

test("a stream that something holds back is told from a daemon that is away", async () => {
  const endWithoutAByte = async () => new Response(bytes());
  expect(await statesOfTwoTries(endWithoutAByte, true)).toEqual(["connecting", "connecting", "polling"]);
});

test("a pause before the next try ends when somebody looks", async () => {
  const stop = new AbortController();
  const alarm = new EventTarget();
  let tries = 0;
  const open = () => {
    tries += 1;
    if (tries === 3) stop.abort();
    return Promise.reject(new TypeError("refused"));
  };
  const onState = (state: LineState) => {
    // The longest pause there is; without the alarm this test would not end in its time.
    if (state === "polling") setTimeout(() => alarm.dispatchEvent(new Event("wake")), 10);
  };
  await holdConnection(
    { open, isReachable: async () => true, lastId: null, onState, onMessage: () => undefined, alarm },
    stop.signal,
  );
  expect(tries).toBe(3);
}, 15_000);

test("a build event patches what is known and refetches what is shown; resync refetches all", async () => {
  const daemon = new FakeDaemon();
  daemon.builds = [aBuild({ status: "running" })];
  globalThis.fetch = daemon.fetch as typeof fetch;
  const runtime = runtimeOf(addInstance({ label: "live", url: "https://live.example.com" }));
  runtime.session.start({ token: daemon.token, expiresAt: NOW + 3600, userId: "u1" });
  await runtime.queryClient.fetchQuery(buildQuery(runtime, "b1"));
  await runtime.queryClient.fetchQuery(buildsQuery(runtime));
  runtime.live.start();
  await waitFor(() => expect(runtime.live.status.get().state).toBe("live"));
  daemon.emit("build", {
    build_id: "b1",
    project_id: "p1",
    pipeline_id: "l1",
    status: "failed",
    build_number: 7,
  });
  await waitFor(() =>
    expect(runtime.queryClient.getQueryData(buildQuery(runtime, "b1").queryKey)?.build.status).toBe("failed"),
  );
  expect(runtime.queryClient.getQueryData(buildsQuery(runtime).queryKey)?.builds[0]?.status).toBe("failed");
  daemon.emit("resync", {});
  await waitFor(() =>
    expect(runtime.queryClient.getQueryState(buildsQuery(runtime).queryKey)?.isInvalidated).toBe(true),
  );
  runtime.live.stop();
  await waitFor(() => expect(daemon.openStreams).toBe(0));
});

test("what changed between reading a page and opening the stream is read again, and only then", async () => {
  const daemon = new FakeDaemon();
  globalThis.fetch = daemon.fetch as typeof fetch;
  const runtime = runtimeOf(addInstance({ label: "between", url: "https://between.example.com" }));
  runtime.session.start({ token: daemon.token, expiresAt: NOW + 3600, userId: "u1" });
  const isStale = () => runtime.queryClient.getQueryState(buildsQuery(runtime).queryKey)?.isInvalidated;
  const open = async () => {
    runtime.live.start();
    await waitFor(() => expect(runtime.live.status.get().state).toBe("live"));
    const heard = Promise.withResolvers<void>();
    const stop = runtime.live.on("runner", () => heard.resolve());
    daemon.emit("runner", { runner_id: "r1", status: "busy" });
    await heard.promise;
    stop();
    runtime.live.stop();
  };
  await runtime.queryClient.fetchQuery(buildsQuery(runtime));
  await open();
  expect(isStale()).toBe(false);
  await runtime.queryClient.fetchQuery({ ...buildsQuery(runtime), staleTime: 0 });
  daemon.emit("project", { project_id: "p1" });
  await open();
  expect(isStale()).toBe(true);
});

test("who comes back to an instance hears what happened meanwhile", async () => {
  const daemon = new FakeDaemon();
  const resumed: (string | null)[] = [];
  globalThis.fetch = ((input: string, init?: RequestInit) => {
    if (String(input).endsWith("/v1/events")) resumed.push(new Headers(init?.headers).get("last-event-id"));
    return daemon.fetch(input, init);
  }) as typeof fetch;
  const runtime = runtimeOf(addInstance({ label: "back", url: "https://back.example.com" }));
  runtime.session.start({ token: daemon.token, expiresAt: NOW + 3600, userId: "u1" });
  await runtime.queryClient.fetchQuery(buildsQuery(runtime));
  const isStale = () => runtime.queryClient.getQueryState(buildsQuery(runtime).queryKey)?.isInvalidated;
  const visit = async () => {
    runtime.live.start();
    await waitFor(() => expect(daemon.openStreams).toBe(1));
    await waitFor(() => expect(runtime.live.status.get().state).toBe("live"));
  };
  await visit();
  runtime.live.stop();
  await waitFor(() => expect(daemon.openStreams).toBe(0));
  expect(isStale()).toBe(false);
  // The fake daemon keeps no events; it says only that it is further than this tab.
  daemon.emit("project", { project_id: "p1" });
  await visit();
  await waitFor(() => expect(isStale()).toBe(true));
  expect(resumed).toEqual([null, "1"]);
  runtime.clear();
  await visit();
  expect(resumed[2]).toBeNull();
  runtime.live.stop();
});

test("listeners hear only their events and can stop listening", async () => {
  const daemon = new FakeDaemon();
  globalThis.fetch = daemon.fetch as typeof fetch;
  const runtime = runtimeOf(addInstance({ label: "listen", url: "https://listen.example.com" }));
  runtime.session.start({ token: daemon.token, expiresAt: NOW + 3600, userId: "u1" });
  runtime.live.start();
  await waitFor(() => expect(daemon.openStreams).toBe(1));
  const heard: number[] = [];
  const stop = runtime.live.on("log", ({ sequence }) => heard.push(sequence));
  daemon.emit("log", { build_id: "b1", sequence: 5 });
  daemon.emit("runner", { runner_id: "r1", status: "busy" });
  await waitFor(() => expect(heard).toEqual([5]));
  stop();
  daemon.emit("log", { build_id: "b1", sequence: 6 });
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(heard).toEqual([5]);
  runtime.live.stop();
});

test("when another daemon answers at the address, session and cache of the old one are dropped", async () => {
  const daemon = new FakeDaemon();
  globalThis.fetch = daemon.fetch as typeof fetch;
  const runtime = runtimeOf(addInstance({ label: "moved", url: "https://moved.example.com" }));
  runtime.session.start({ token: daemon.token, expiresAt: NOW + 3600, userId: "u1" });
  await runtime.queryClient.fetchQuery(buildsQuery(runtime));
  runtime.live.start();
  await waitFor(() => expect(daemon.openStreams).toBe(1));
  daemon.emit("hello", { instance_id: "another", version: "0.2.0" });
  await waitFor(() => expect(runtime.session.token()).toBeNull());
  expect(runtime.queryClient.getQueryData(buildsQuery(runtime).queryKey)).toBeUndefined();
});
