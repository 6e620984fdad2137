/** The breadcrumb: on every page it ends in the page itself, and what stands before it leads there. */
import { expect, test } from "bun:test";
import { screen, waitFor, within } from "@testing-library/react";
import { axeFindings, openApp } from "./app.tsx";
import { PAGES } from "./fake/pages.ts";
import { heading } from "./find.ts";
import { fullDaemon } from "./german/daemon.ts";

const breadcrumb = () => screen.findByRole("navigation", { name: "Breadcrumb" });
const namesIn = (nav: HTMLElement) =>
  within(nav)
    .getAllByRole("listitem")
    .map((item) => item.textContent?.replace(/^\//, ""));

async function wayTo(path: string): Promise<(string | undefined)[]> {
  const { container, unmount } = openApp(path, { daemon: fullDaemon(path) });
  await waitFor(() =>
    expect(container.querySelector("h1") && !container.querySelector("[aria-busy=true]")).toBe(true),
  );
  const nav = await breadcrumb();
  const names = namesIn(nav);
  const current = [...nav.querySelectorAll("[aria-current]")];
  expect(current.map((item) => [item.getAttribute("aria-current"), item.textContent])).toEqual([
    ["page", names.at(-1) ?? ""],
  ]);
  expect(within(nav).queryAllByRole("link").length).toBe(names.length - 1);
  unmount();
  return names;
}

test("on every page the breadcrumb ends in the page itself, and in it alone", async () => {
  for (const path of PAGES) expect((await wayTo(path)).every(Boolean)).toBe(true);
}, 60_000);

test("the page is called by its real name: the project, the pipeline, the number of the build, the tab", async () => {
  const ways = {
    "/": ["Home"],
    "/builds/b1": ["Laden", "Nachtbau", "#7"],
    "/projects/p1": ["Projects", "Shop app"],
    "/projects/p1/members": ["Projects", "Shop app", "Members"],
    "/projects/p1/insights": ["Projects", "Shop app", "Insights"],
    "/projects/p1/pipelines/l1": ["Projects", "Shop app", "Nachtbau"],
    "/releases/p1/b1": ["Releases", "Laden", "#7"],
    "/settings/users": ["Settings", "People"],
    "/me/shortcuts": ["My account", "Keyboard shortcuts"],
    "/nowhere": ["Page not found"],
  };
  const found: Record<string, unknown> = {};
  for (const path of Object.keys(ways)) found[path] = await wayTo(path);
  expect(found).toEqual(ways);
});

test("what stands before the page leads there, and the breadcrumb follows", async () => {
  const { user, router, container } = openApp("/projects/p1/variables", {
    daemon: fullDaemon("/projects/p1"),
  });
  await user.click(within(await breadcrumb()).getByRole("link", { name: "Projects" }));
  await heading("Projects");
  expect(router.state.location.pathname).toBe("/projects");
  await waitFor(async () => expect(namesIn(await breadcrumb())).toEqual(["Projects"]));
  expect(await axeFindings(container)).toEqual([]);
});
