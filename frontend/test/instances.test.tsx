/** Several instances in one browser: nothing of one may reach another, and no token may reach lasting storage. */
import { expect, test } from "bun:test";
import { waitFor } from "@testing-library/react";
import { checkAddress } from "@/lib/instances/address";
import { exportFile, importFile } from "@/lib/instances/file";
import {
  addInstance,
  instances,
  moveInstance,
  normaliseUrl,
  ownInstance,
  renameInstance,
} from "@/lib/instances/registry";
import { Runtime, runtimeOf } from "@/lib/instances/runtime";
import { SessionKeeper } from "@/lib/instances/session";
import { bootstrapQuery, projectsQuery } from "@/lib/queries";
import { FakeDaemon } from "./fake/daemon.ts";
import { aProject, NOW } from "./fake/data.ts";

const session = (token: string) => ({ token, expiresAt: NOW + 3600, userId: "u1" });

test("the page's own origin is an instance, once", () => {
  instances.set([]);
  const first = ownInstance();
  expect(first?.url).toBe(window.location.origin);
  expect(ownInstance()?.id).toBe(first?.id as string);
  expect(instances.get().length).toBe(1);
});

test("only the four fields are stored, whatever was in storage before", () => {
  instances.set([]);
  const stored = [
    { id: "x", label: "X", url: "https://ci.example.com/", addedAt: 1, token: "secret" },
    { id: 7 },
  ];
  localStorage.setItem("oore.instances", JSON.stringify(stored));
  window.dispatchEvent(new StorageEvent("storage", { key: "oore.instances" }));
  expect(instances.get()).toEqual([{ id: "x", label: "X", url: "https://ci.example.com", addedAt: 1 }]);
  addInstance({ label: "Y", url: "https://y.example.com" });
  expect(localStorage.getItem("oore.instances")).not.toContain("secret");
});

test("an address is in the list once, and the list keeps names and order", () => {
  instances.set([]);
  const labels = () =>
    (JSON.parse(localStorage.getItem("oore.instances") ?? "[]") as { label: string }[]).map(
      ({ label }) => label,
    );
  const [a, b, c] = ["a", "b", "c"].map((label) =>
    addInstance({ label, url: `https://${label}.example.com` }),
  );
  if (!a || !b || !c) throw new Error("three were added");
  expect(addInstance({ label: "again", url: "https://b.example.com/" })).toEqual(b);
  moveInstance(c.id, 0);
  expect(labels()).toEqual(["c", "a", "b"]);
  moveInstance(c.id, 1);
  moveInstance("nobody", 0);
  renameInstance(a.id, "first");
  expect(labels()).toEqual(["first", "c", "b"]);
});

test("whoever empties the storage does not take the page's own instance away", () => {
  const own = ownInstance();
  addInstance({ label: "other", url: "https://other.example.com" });
  localStorage.clear();
  window.dispatchEvent(new StorageEvent("storage", { key: null }));
  expect(instances.get()).toEqual([own as NonNullable<typeof own>]);
});

test("a typed address is understood, or refused with what is wrong with it", () => {
  for (const [typed, expected] of [
    [" https://CI.example.com:8787/ ", { url: "https://ci.example.com:8787" }],
    ["ci.example.com", { url: "https://ci.example.com" }],
    ["ci.example.com:8443", { url: "https://ci.example.com:8443" }],
    ["localhost:8788", { url: "http://localhost:8788" }],
    ["127.0.0.1:8788", { url: "http://127.0.0.1:8788" }],
    ["http://localhost:8787", { url: "http://localhost:8787" }],
    ["", { problem: "empty" }],
    ["not an address", { problem: "no_address" }],
    ["https://", { problem: "no_address" }],
    ["javascript:alert(1)", { problem: "scheme" }],
    ["file:///etc/passwd", { problem: "scheme" }],
    ["https://ana:secret@ci.example.com", { problem: "credentials" }],
    ["ana@ci.example.com", { problem: "credentials" }],
    ["https://ci.example.com/?token=1", { problem: "extra" }],
    ["https://ci.example.com/#x", { problem: "extra" }],
    ["http://ci.example.com", { problem: "plain_http" }],
    ["http://192.168.0.7:8787", { problem: "plain_http" }],
    ["http://[::1]:8787", { problem: "plain_http" }],
  ] as const) {
    expect({ typed, ...checkAddress(typed) }).toEqual({ typed, ...expected });
  }
});

test("a page that came over https explains why plain addresses are out of its reach", () => {
  const { happyDOM } = window as unknown as { happyDOM: { setURL(url: string): void } };
  const before = window.location.href;
  happyDOM.setURL("https://ci-ui.example.com/connect");
  expect(checkAddress("http://ci.example.com")).toEqual({ problem: "mixed_content" });
  expect(checkAddress("http://192.168.0.7:8787")).toEqual({ problem: "mixed_content" });
  expect(checkAddress("http://localhost:8787")).toEqual({ url: "http://localhost:8787" });
  happyDOM.setURL(before);
});

test("the list goes to another browser by file, without ids and without what cannot be reached", async () => {
  instances.set([]);
  const a = addInstance({ label: "A", url: "https://a.example.com", addedAt: 7 });
  const text = await exportFile().text();
  expect(text).not.toContain(a.id);
  const file = JSON.parse(text);
  file.instances.push(
    { label: "", url: "https://b.example.com", addedAt: 8, token: "secret" },
    { label: "bad", url: "https://u:p@c.example.com" },
    "nonsense",
  );
  const other = new Blob([JSON.stringify(file)]);
  expect(await importFile(other)).toEqual({
    added: ["https://b.example.com"],
    known: 1,
    refused: [{ text: "https://u:p@c.example.com", problem: "credentials" }],
  });
  expect(instances.get().map(({ url, addedAt }) => [url, addedAt])).toEqual([
    ["https://a.example.com", 7],
    ["https://b.example.com", 8],
  ]);
  expect(localStorage.getItem("oore.instances")).not.toContain("secret");
  for (const foreign of ["{}", "[]", "null", "no json", `{"format":"oore.instances"}`])
    expect(await importFile(new Blob([foreign]))).toBeNull();
});

test("a cache that is given another instance's data says so while it is developed and tested", () => {
  const a = runtimeOf(addInstance({ label: "wall", url: "https://wall.example.com" }));
  const b = runtimeOf(addInstance({ label: "beyond", url: "https://beyond.example.com" }));
  a.queryClient.setQueryData(a.key("projects"), []);
  expect(() => a.queryClient.setQueryData(b.key("projects"), [])).toThrow("was given");
});

test("an instance that is taken off the list in another tab leaves nothing of it in this one", () => {
  ownInstance();
  const before = localStorage.getItem("oore.instances");
  const gone = runtimeOf(addInstance({ label: "gone", url: "https://gone.example.com" }));
  gone.session.start(session("token-gone"));
  gone.queryClient.setQueryData(gone.key("projects"), []);
  localStorage.setItem("oore.instances", before ?? "");
  window.dispatchEvent(new StorageEvent("storage", { key: "oore.instances" }));
  expect(gone.session.token()).toBeNull();
  expect(gone.queryClient.getQueryData(gone.key("projects"))).toBeUndefined();
  expect(JSON.stringify({ ...sessionStorage })).not.toContain(gone.instance.id);
});

test("another daemon at the address of a session ends it, also after a reload", () => {
  const instance = addInstance({ label: "moved", url: "https://moved.example.com" });
  const before = new Runtime(instance);
  before.session.start(session("token-moved"));
  before.recognise("i1");
  before.session.close();
  const reloaded = new Runtime(instance);
  expect(reloaded.session.token()).toBe("token-moved");
  reloaded.recognise("i2");
  expect(reloaded.session.token()).toBeNull();
  // Whoever signs in there meant that one.
  reloaded.session.start(session("token-new"));
  reloaded.recognise("i2");
  expect(reloaded.session.token()).toBe("token-new");
  reloaded.session.close();
});

test("addresses that are no web address are refused", () => {
  expect(normaliseUrl("https://ci.example.com:8787/")).toBe("https://ci.example.com:8787");
  expect(() => normaliseUrl("javascript:alert(1)")).toThrow();
  expect(() => normaliseUrl("ci.example.com")).toThrow();
});

test("two instances share neither token nor cache, and each asks its own daemon", async () => {
  const here = new FakeDaemon();
  const there = new FakeDaemon();
  here.token = "token-here";
  there.token = "token-there";
  there.projects = [aProject({ name: "Only there" })];
  globalThis.fetch = ((input: string, init: RequestInit) =>
    (String(input).startsWith("https://there.example.com") ? there : here).fetch(
      input,
      init,
    )) as typeof fetch;
  const a = runtimeOf(addInstance({ label: "here", url: "https://here.example.com" }));
  const b = runtimeOf(addInstance({ label: "there", url: "https://there.example.com" }));
  a.session.start(session("token-here"));
  b.session.start(session("token-there"));
  const [mine, other] = await Promise.all([
    a.queryClient.fetchQuery(projectsQuery(a)),
    b.queryClient.fetchQuery(projectsQuery(b)),
  ]);
  expect(mine.projects[0]?.name).toBe("Shop app");
  expect(other.projects[0]?.name).toBe("Only there");
  expect(a.queryClient.getQueryData(projectsQuery(b).queryKey)).toBeUndefined();
  a.session.end();
  expect(b.session.token()).toBe("token-there");
  expect(await b.queryClient.fetchQuery(bootstrapQuery(b))).toBeDefined();
  expect(JSON.stringify({ ...localStorage })).not.toContain("token-");
});

test("a new tab takes over the session of an open one; signing out ends both", async () => {
  const open = new SessionKeeper("tabs");
  open.start(session("token-tab"));
  sessionStorage.clear();
  const fresh = new SessionKeeper("tabs");
  expect(fresh.token()).toBeNull();
  await fresh.ready();
  expect(fresh.token()).toBe("token-tab");
  fresh.end();
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(open.token()).toBeNull();
  open.close();
  fresh.close();
});

test("who signs in again in one tab goes on in all", async () => {
  const daemon = new FakeDaemon();
  daemon.token = "token-new";
  globalThis.fetch = daemon.fetch as typeof fetch;
  const waiting = runtimeOf(addInstance({ label: "renew", url: "https://renew.example.com" }));
  waiting.session.start(session("token-old"));
  const answer = waiting.api.get("/v1/projects");
  await waitFor(() => expect(waiting.reauth.get()).not.toBeNull());
  const other = new SessionKeeper(waiting.instance.id);
  other.start({ ...session("token-of-another"), userId: "u2" });
  other.start(session("token-new"));
  expect((await answer).projects.length).toBe(1);
  expect(waiting.session.token()).toBe("token-new");
  expect(waiting.reauth.get()).toBeNull();
  expect(daemon.seen.filter((line) => line.endsWith("/v1/projects")).length).toBe(2);
  other.close();
});

test("a session whose time is over is handed to nobody", async () => {
  const open = new SessionKeeper("over");
  open.start({ ...session("token-over"), expiresAt: NOW - 1 });
  sessionStorage.clear();
  const fresh = new SessionKeeper("over");
  await fresh.ready();
  expect(fresh.token()).toBeNull();
  open.close();
  fresh.close();
});

test("an unasked-for session is not accepted", async () => {
  const tab = new SessionKeeper("unasked");
  const stranger = new BroadcastChannel("oore.session.unasked");
  stranger.postMessage({ kind: "session", session: session("planted") });
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(tab.token()).toBeNull();
  stranger.close();
  tab.close();
});

test("an expired stored session is none", () => {
  sessionStorage.setItem(
    "oore.session.old",
    JSON.stringify({ token: "t", expiresAt: NOW - 1, userId: "u1" }),
  );
  const tab = new SessionKeeper("old");
  expect(tab.token()).toBeNull();
  tab.close();
});
