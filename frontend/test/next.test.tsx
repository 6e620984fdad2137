/** What comes after the first green build: ticked by what home shows and by the person, gone when done or put away. */
import { expect, test } from "bun:test";
import { screen, waitFor, within } from "@testing-library/react";
import type { Build, Home } from "@/api/types";
import { axeFindings, openApp } from "./app.tsx";
import { FakeDaemon } from "./fake/daemon.ts";
import { aBuild } from "./fake/data.ts";
import { absent, button, requests } from "./find.ts";

/** Of somebody who may invite others. */
class Instance extends FakeDaemon {
  /** Whether the server knows which builds are the person's own. */
  knowsMine = true;

  constructor(...builds: Build[]) {
    super();
    this.builds = builds.length > 0 ? builds : [aBuild()];
    this.capabilities = [...this.capabilities, "users.invite"];
  }

  protected override home(query: URLSearchParams): Home {
    const home = super.home(query);
    return this.knowsMine || !home.recent ? home : { ...home, recent: { ...home.recent, mine: [] } };
  }
}

const card = () => screen.findByRole("region", { name: "What comes next" });
const ticks = async () =>
  within(await card())
    .getAllByRole<HTMLInputElement>("checkbox")
    .map(({ checked }) => checked);
const links = async () =>
  within(await card())
    .getAllByRole("link")
    .map((link) => link.getAttribute("href"));
const isAbsent = () => screen.queryByRole("region", { name: "What comes next" }) === null;

test("after the first green build home says what comes next, without another request", async () => {
  const daemon = new Instance();
  const { container } = openApp("/", { daemon });
  expect(await ticks()).toEqual([false, false, false, false]);
  expect(await links()).toEqual([
    "/settings/access",
    "/projects/p1/settings",
    "/settings/access",
    "/projects/p1/variables",
  ]);
  expect(await axeFindings(container)).toEqual([]);
  const asked = requests(daemon, "GET").filter((line) => !/home|bootstrap|events|incidents/.test(line));
  expect(asked).toEqual([]);
});

test("phones and teammates are led to an instance that others reach", async () => {
  const daemon = new Instance();
  daemon.runtimeMode = "remote";
  daemon.publicUrl = "https://ci.example.com";
  openApp("/", { daemon });
  await waitFor(async () => expect((await links())[0]).toBe("/releases/p1"));
  expect((await links())[2]).toBe("/settings/users");
});

test("it waits for a build that passed, and is for who may invite others", async () => {
  const first = openApp("/", { daemon: new Instance(aBuild({ status: "failed" })) });
  await screen.findByRole("list", { name: "Recent builds" });
  expect(isAbsent()).toBe(true);
  first.unmount();
  const daemon = new Instance();
  daemon.capabilities = daemon.capabilities.filter((name) => name !== "users.invite");
  openApp("/", { daemon });
  await screen.findByRole("list", { name: "Recent builds" });
  expect(isAbsent()).toBe(true);
});

test("a build of a push and one of somebody else are ticks, which stay when other builds are shown", async () => {
  const daemon = new Instance(
    aBuild({ trigger_type: "webhook", trigger_event: "push", trigger_actor: "ana" }),
    aBuild({ id: "b2", trigger_actor: "bo@example.com" }),
  );
  const first = openApp("/", { daemon });
  await waitFor(async () => expect(await ticks()).toEqual([false, true, true, false]));
  first.unmount();
  openApp("/", { daemon: new Instance() });
  expect(await ticks()).toEqual([false, true, true, false]);
});

test("nothing is ticked by guess: not by the clock, by a token, nor by the owner under an earlier address", async () => {
  const daemon = new Instance(
    aBuild({ trigger_type: "schedule", trigger_actor: null }),
    aBuild({ id: "b2", trigger_type: "api", trigger_actor: "nightly script" }),
    aBuild({ id: "b3", trigger_actor: "owner@local" }),
  );
  daemon.knowsMine = false;
  openApp("/", { daemon });
  expect(await ticks()).toEqual([false, false, false, false]);
});

test("what the person ticks stays ticked, and with the last tick it goes; that can be taken back", async () => {
  const daemon = new Instance();
  const first = openApp("/", { daemon });
  const tick = async (name: string) => first.user.click(await screen.findByRole("checkbox", { name }));
  await tick("Done: Install it on a phone");
  await tick("Done: Build on every push");
  await tick("Done: Build on every push");
  expect(await ticks()).toEqual([true, false, false, false]);
  await tick("Done: Build on every push");
  await tick("Done: Bring in teammates");
  await tick("Done: Sign your builds");
  await absent(() => screen.queryByRole("region", { name: "What comes next" }));
  expect(document.activeElement?.id).toBe("main");
  await first.user.click(await button("Undo"));
  expect(await ticks()).toEqual([true, true, true, false]);
});

test("put away it stays away, in this browser and for this person", async () => {
  const daemon = new Instance();
  const first = openApp("/", { daemon });
  await card();
  await first.user.click(await button("Put this away for good"));
  await absent(() => screen.queryByRole("region", { name: "What comes next" }));
  first.unmount();
  openApp("/", { daemon });
  await screen.findByRole("list", { name: "Recent builds" });
  expect(isAbsent()).toBe(true);
});
