/** Every page in every bad state: it keeps its one title and the shell, says what is wrong, and axe finds nothing. */
import { expect, test } from "bun:test";
import { screen, waitFor } from "@testing-library/react";
import { axeFindings, openApp } from "./app.tsx";
import { FakeDaemon } from "./fake/daemon.ts";
import { PAGES_WITH_DATA } from "./fake/pages.ts";

const FAILURES = [
  { name: "broken", failure: { status: 500, code: "store_error" }, says: /Could not load/ },
  { name: "unreachable", failure: { status: 0, code: "" }, says: /did not answer/ },
  { name: "denied", failure: { status: 403, code: "permission_denied" }, says: /don't have access/ },
  { name: "gone", failure: { status: 404, code: "not_found" }, says: /does not exist/ },
];

for (const { name, failure, says } of FAILURES) {
  test(`every page stands when the data is ${name}`, async () => {
    for (const path of PAGES_WITH_DATA) {
      const daemon = new FakeDaemon();
      daemon.failOn("*", failure);
      const { container, unmount } = openApp(path, { daemon });
      await waitFor(() => expect(screen.queryAllByText(says).length).toBeGreaterThan(0));
      expect({ path, titles: screen.getAllByRole("heading", { level: 1 }).length }).toEqual({
        path,
        titles: 1,
      });
      expect(screen.getByRole("navigation", { name: "Main" })).toBeDefined();
      expect({ path, axe: await axeFindings(container) }).toEqual({ path, axe: [] });
      unmount();
    }
  }, 180_000);
}

test("every page has its title and nothing for axe while the data is on its way", async () => {
  for (const path of PAGES_WITH_DATA) {
    const daemon = new FakeDaemon();
    const { container, unmount } = openApp(path, { daemon });
    globalThis.fetch = (() => new Promise(() => undefined)) as unknown as typeof fetch;
    await screen.findByRole("heading", { level: 1 });
    await waitFor(() => expect(container.querySelector("[aria-busy=true]")).not.toBeNull());
    expect({ path, axe: await axeFindings(container) }).toEqual({ path, axe: [] });
    unmount();
  }
}, 180_000);

test("what is removed while it is open is gone, not out of date", async () => {
  const daemon = new FakeDaemon();
  openApp("/projects/p1", { daemon });
  await screen.findByRole("link", { name: "Android release" });
  await waitFor(() => expect(daemon.openStreams).toBe(1));
  daemon.projects = [];
  daemon.emit("project", { project_id: "p1" });
  expect(await screen.findByText("This project does not exist")).toBeDefined();
});

test("a last build that can't be read is not one that never was", async () => {
  const denied = () => Response.json({ error: "no", code: "permission_denied" }, { status: 403 });
  const daemon = new FakeDaemon();
  daemon.more.push([
    /^GET \/v1\/builds$/,
    ({ url }) => (new URL(url).searchParams.has("pipeline_id") ? denied() : { builds: [], total: 50 }),
  ]);
  const first = openApp("/projects/p1", { daemon });
  expect(await screen.findByText("Could not load build")).toBeDefined();
  expect(screen.queryByText("Never run") === null).toBe(true);
  first.unmount();
  daemon.more.unshift([/^GET \/v1\/builds$/, denied]);
  openApp("/projects/p1", { daemon });
  expect(await screen.findByText("Could not load build")).toBeDefined();
});
