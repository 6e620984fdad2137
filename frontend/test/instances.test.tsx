/** Several instances in one browser: nothing of one may reach another, and no token may reach lasting storage. */
import { expect, test } from "bun:test";
import { addInstance, instances, normaliseUrl, ownInstance } from "@/lib/instances/registry";
import { runtimeOf } from "@/lib/instances/runtime";
import { SessionKeeper } from "@/lib/instances/session";
import { bootstrapQuery, projectsQuery } from "@/lib/queries";
import { FakeDaemon } from "./fake/daemon.ts";
import { aProject, NOW } from "./fake/data.ts";

const session = (token: string) => ({ token, expiresAt: NOW + 3600, userId: "u1" });

test("the page's own origin is an instance, once", () => {
  instances.set([]);
  const first = ownInstance();
  expect(first.url).toBe(window.location.origin);
  expect(ownInstance().id).toBe(first.id);
  expect(instances.get().length).toBe(1);
});

test("only the four fields are stored, whatever was in storage before", () => {
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
