/** Pinned projects: in the side bar and behind "More", pinned from the list and the project's page, at most seven. */
import { expect, test } from "bun:test";
import { screen, waitFor, within } from "@testing-library/react";
import { currentRuntime } from "@/lib/instances/current";
import { pinsOf } from "@/lib/pins";
import { axeFindings, openApp } from "./app.tsx";
import { FakeDaemon } from "./fake/daemon.ts";
import { aProject } from "./fake/data.ts";
import { absent, button, heading, requests } from "./find.ts";

/** What this browser keeps for the owner, as another tab would have left it. */
function keep(pins: unknown): void {
  const { id } = currentRuntime().instance;
  localStorage.setItem(`oore.pins.${id}.u1`, JSON.stringify(pins));
  window.dispatchEvent(new StorageEvent("storage", { key: null }));
}

function daemonOf(count: number): FakeDaemon {
  const daemon = new FakeDaemon();
  daemon.projects = Array.from({ length: count }, (_, at) =>
    aProject({ id: `p${at}`, name: `Project ${at}` }),
  );
  return daemon;
}

const sideBar = () => screen.findByRole("list", { name: "Pinned projects" });
const linksIn = (list: HTMLElement) =>
  within(list)
    .getAllByRole("link")
    .map((link) => [link.textContent, link.getAttribute("href")]);

test("a project that is pinned in the list stands in the side bar, on every page, without a request", async () => {
  const daemon = daemonOf(2);
  const { user, container, router } = openApp("/projects", { daemon });
  const pin = await button("Pin Project 1");
  expect(screen.queryByRole("list", { name: "Pinned projects" }) === null).toBe(true);
  await user.click(pin);
  expect(linksIn(await sideBar())).toEqual([["Project 1", "/projects/p1"]]);
  expect((await button("Unpin Project 1")).getAttribute("aria-pressed")).toBe("true");
  expect(await axeFindings(container)).toEqual([]);
  await router.navigate({ to: "/runners" });
  await heading("Runners");
  expect(requests(daemon, "GET /v1/projects?").length).toBe(1);
  await user.click(within(await sideBar()).getByRole("link", { name: "Project 1" }));
  await heading("Project 1");
  expect(
    within(await sideBar())
      .getByRole("link")
      .getAttribute("aria-current"),
  ).toBe("page");
  await user.click(await button("Unpin Project 1"));
  await absent(() => screen.queryByRole("list", { name: "Pinned projects" }));
});

test("whoever pins an eighth project is told that there is no room, and it stays out", async () => {
  const { user, container } = openApp("/projects", { daemon: daemonOf(8) });
  for (let at = 0; at < 7; at += 1) await user.click(await button(`Pin Project ${at}`));
  const eighth = await button("Pin Project 7");
  expect(eighth.getAttribute("aria-disabled")).toBe("true");
  expect(await axeFindings(container)).toEqual([]);
  await user.click(eighth);
  expect(await screen.findByText("At most 7 projects can be pinned. Unpin one first.")).toBeDefined();
  expect(linksIn(await sideBar()).length).toBe(7);
  await user.click(await button("Unpin Project 3"));
  await user.click(await button("Pin Project 7"));
  expect(linksIn(await sideBar()).at(-1)).toEqual(["Project 7", "/projects/p7"]);
});

test("on phones pinned projects are behind More, also of testers, who have nothing else there", async () => {
  const daemon = new FakeDaemon();
  daemon.projects = [aProject({ id: "p0", name: "Releases" })];
  daemon.capabilities = [];
  keep([
    { id: "p0", name: "Releases" },
    { id: "p9", name: "Releases" },
  ]);
  const { user, router } = openApp("/projects", { daemon });
  await user.click(await button("More"));
  expect((await screen.findByRole("menu")).textContent).toBe("Pinned projectsReleasesReleases");
  await user.click(screen.getAllByRole("menuitem", { name: "Releases" })[0] ?? document.body);
  await waitFor(() => expect(router.state.location.pathname).toBe("/projects/p0"));
});

test("a pinned project is called as it is called now", async () => {
  keep([{ id: "p0", name: "Its old name" }]);
  const { runtime } = openApp("/projects", { daemon: daemonOf(1) });
  await waitFor(async () => expect(linksIn(await sideBar())).toEqual([["Project 0", "/projects/p0"]]));
  expect(pinsOf(runtime).get()).toEqual([{ id: "p0", name: "Project 0" }]);
});

test("a pinned project that is gone can be taken off on its page", async () => {
  keep([{ id: "p9", name: "Long gone" }]);
  const { user } = openApp("/projects/p9", { daemon: daemonOf(1) });
  await sideBar();
  await user.click(await button("Unpin Long gone"));
  await absent(() => screen.queryByRole("list", { name: "Pinned projects" }));
  expect(await screen.findByRole("link", { name: "Projects", current: false })).toBeDefined();
});

test("pins that an earlier version kept by id alone stand in the side bar once their project was shown", async () => {
  keep(["p1", 7, null, { id: 3 }]);
  const { router } = openApp("/runners");
  await heading("Runners");
  expect(screen.queryByRole("list", { name: "Pinned projects" }) === null).toBe(true);
  await router.navigate({ to: "/" });
  expect(linksIn(await sideBar())).toEqual([["Shop app", "/projects/p1"]]);
});
