/** Releases: which one is to be tested now, on which device, how it gets there, and who sees what. */
import { afterEach, expect, spyOn, test } from "bun:test";
import { screen, waitFor, within } from "@testing-library/react";
import type { Project } from "@/api/types";
import { axeFindings, openApp } from "./app.tsx";
import { aBuild, aProject, NOW } from "./fake/data.ts";
import { anApk, anIpa, aRelease, FakeStore } from "./fake/releases.ts";
import { absent, button, heading, requests } from "./find.ts";

const PHONES = {
  android: "Mozilla/5.0 (Linux; Android 16; Pixel 9) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36",
  iphone:
    "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 Safari/604.1",
};

function on(phone: keyof typeof PHONES): void {
  Object.defineProperty(navigator, "userAgent", { configurable: true, value: PHONES[phone] });
}

afterEach(() => void Reflect.deleteProperty(navigator, "userAgent"));

const TESTER = ["projects.read", "pipelines.read", "builds.read", "artifacts.read", "integrations.read"];

function forTester(): FakeStore {
  const project: Partial<Project> = { capabilities: ["read", "read_artifacts"] };
  return Object.assign(new FakeStore(), { capabilities: TESTER, projects: [aProject(project)] });
}

const rows = (name: string) => within(screen.getByRole("list", { name })).getAllByRole("listitem");

test("testers are at home in the releases, and go from there to an app and a release", async () => {
  const { user, router, container } = openApp("/", { daemon: forTester() });
  await heading("Releases");
  expect(router.state.location.pathname).toBe("/releases");
  expect(screen.queryByRole("link", { name: "Home" })).toBeNull();
  expect(screen.queryByRole("link", { name: "Settings" })).toBeNull();
  expect(await axeFindings(container)).toEqual([]);
  await user.click(await screen.findByRole("link", { name: "Shop app" }));
  await heading("Shop app");
  expect(await axeFindings(container)).toEqual([]);
  await user.click(await screen.findByRole("link", { name: "First try" }));
  await waitFor(() => expect(router.state.location.pathname).toBe("/releases/p1/b0"));
});

test("the release to test now says what is new and what can be installed, and hides the rest in the details", async () => {
  const { container } = openApp("/releases/p1", { daemon: new FakeStore() });
  expect(await screen.findByText("Fix checkout crash", { selector: "li" })).toBeDefined();
  expect(rows("To install").map((row) => row.querySelector("p")?.textContent)).toEqual([
    "shop-arm64.apk",
    "Shop.ipa",
    "shop-x86.apk",
  ]);
  const details = container.querySelector("details");
  expect(details?.open).toBe(false);
  expect(details?.textContent).toContain("For a store, not for a phone");
  expect(rows("Earlier releases").length).toBe(1);
  expect(await axeFindings(container)).toEqual([]);
});

test("a link for a phone is made when it is asked for: a code, to copy, to send", async () => {
  const { user, daemon } = openApp("/releases/p1", { daemon: new FakeStore() });
  const send = await button("Send shop-arm64.apk to my phone");
  expect(requests(daemon, "POST /v1/artifacts").length).toBe(0);
  await user.click(send);
  const dialog = await screen.findByRole("dialog", { name: "shop-arm64.apk on a phone" });
  expect(within(dialog).getByRole("img", { name: "QR code of the link to shop-arm64.apk" })).toBeDefined();
  const mail = within(dialog).getByRole("link", { name: "Send by e-mail" });
  expect(mail.getAttribute("href")).toContain(encodeURIComponent("https://ci.example.com/install/artifact/"));
  expect(within(dialog).queryByText("This link works on this machine only")).toBeNull();
  expect(requests(daemon, "POST /v1/artifacts/file-shop-arm64.apk/scoped-token").length).toBe(1);
  expect(await axeFindings(document.body)).toEqual([]);
  await user.keyboard("{Escape}");
  await absent(() => screen.queryByRole("dialog"));
});

test("a link that leads every machine to itself is called so", async () => {
  const daemon = Object.assign(new FakeStore(), { address: "http://127.0.0.1:8787/install/artifact/x" });
  const { user } = openApp("/releases/p1", { daemon });
  await user.click(await button("Send shop-arm64.apk to my phone"));
  expect(await screen.findByText("This link works on this machine only")).toBeDefined();
});

test("who may not hand files on downloads them, and is offered no link", async () => {
  const click = spyOn(HTMLAnchorElement.prototype, "click").mockImplementation(() => undefined);
  const { user, daemon } = openApp("/releases/p1", { daemon: forTester() });
  await user.click(await button("Download shop-arm64.apk"));
  await waitFor(() => expect(click.mock.calls.length).toBe(1));
  expect(requests(daemon, "POST /v1/artifacts/file-shop-arm64.apk/download-link").length).toBe(1);
  expect(screen.queryByRole("button", { name: /to my phone/ })).toBeNull();
  click.mockRestore();
});

test("an Android phone is offered what it can install, and no link to itself", async () => {
  on("android");
  const daemon = forTester();
  daemon.releases.releases.unshift(
    aRelease({ build: aBuild({ id: "b2", commit_subject: "For iPhones only" }), artifacts: [anIpa()] }),
  );
  openApp("/releases/p1", { daemon });
  expect(await button("Install on this phone")).toBeDefined();
  expect(screen.getByText("Fix checkout crash", { selector: "li" })).toBeDefined();
  expect(rows("Earlier releases")[0]?.textContent).toContain("For iPhones only");
  expect(screen.queryByRole("button", { name: /to my phone/ })).toBeNull();
});

test("an iPhone is told why there is no button to install", async () => {
  on("iphone");
  openApp("/releases/p1", { daemon: new FakeStore() });
  expect(await screen.findByText(/iPhones do not install this from a browser yet/)).toBeDefined();
  expect(rows("To install")[0]?.textContent).toContain("Shop.ipa");
  expect(screen.queryByRole("button", { name: "Install on this phone" })).toBeNull();
});

test("what is under way says how long it will take, and new releases appear by themselves", async () => {
  const daemon = new FakeStore();
  const build = aBuild({
    id: "b3",
    status: "running",
    commit_subject: "Coming soon",
    finished_at: null,
    run_ms: null,
    started_at: Math.floor(Date.now() / 1000) - 60,
  });
  daemon.releases.coming = [{ build, usual_ms: 240_000 }];
  openApp("/projects/p1/releases", { daemon });
  expect(await screen.findByText("Coming soon")).toBeDefined();
  expect(screen.getByText(/about 3 min 00 s left/)).toBeDefined();
  await waitFor(() => expect(daemon.openStreams).toBe(1));
  daemon.releases = {
    releases: [aRelease({ build: { ...build, status: "succeeded" } }), ...daemon.releases.releases],
    coming: [],
  };
  daemon.emit("artifact", { artifact_id: "x", build_id: "b3", project_id: "p1" });
  await absent(() => screen.queryByRole("heading", { name: "Under way" }));
  expect(rows("Earlier releases").length).toBe(2);
});

test("earlier releases are fetched when they are asked for", async () => {
  const daemon = new FakeStore();
  const older = {
    ...daemon.releases,
    releases: [aRelease({ build: aBuild({ id: "old", commit_subject: "Long ago" }) })],
  };
  daemon.releases.next_cursor = "6";
  daemon.more.push([
    /^GET \/v1\/projects\/[^/]+\/releases$/,
    (request) => (new URL(request.url).searchParams.get("cursor") === "6" ? older : daemon.releases),
  ]);
  const { user } = openApp("/releases/p1", { daemon });
  await user.click(await button("Show earlier ones"));
  expect(await screen.findByText("Long ago")).toBeDefined();
  expect(screen.queryByRole("button", { name: "Show earlier ones" })).toBeNull();
});

test("without a release the pages say what one is", async () => {
  const daemon = Object.assign(new FakeStore(), { releases: { releases: [], coming: [] } });
  const all = openApp("/releases", { daemon });
  expect(await screen.findByText("No releases yet")).toBeDefined();
  expect(await axeFindings(all.container)).toEqual([]);
  all.unmount();
  openApp("/releases/p1", { daemon });
  expect(await screen.findByText("Shop app has no release yet")).toBeDefined();
});

test("one release by its address: its files, that they were removed, and that it is none", async () => {
  const daemon = new FakeStore();
  const first = openApp("/releases/p1/b1", { daemon });
  expect((await screen.findAllByText("shop-arm64.apk")).length).toBeGreaterThan(0);
  expect(await axeFindings(first.container)).toEqual([]);
  expect(requests(daemon, "GET").filter((line) => !line.includes("/v1/events")).length).toBeLessThanOrEqual(
    5,
  );
  first.unmount();
  daemon.builds = [aBuild({ status: "failed", artifacts_removed_at: NOW - 86_400 })];
  daemon.more.unshift([/^GET \/v1\/builds\/b1\/artifacts$/, () => ({ artifacts: [] })]);
  const second = openApp("/releases/p1/b1", { daemon });
  expect(await screen.findByText("Retention removed its files")).toBeDefined();
  expect(screen.getByText("This build is no release: it did not pass")).toBeDefined();
  expect(screen.getByText("Nothing to install")).toBeDefined();
  second.unmount();
  openApp("/releases/other/b1", { daemon });
  expect(await screen.findByText("This release does not exist")).toBeDefined();
});

test("g e leads to the releases, and on phones the rest is behind More", async () => {
  const { user, router } = openApp("/builds", { daemon: new FakeStore() });
  await heading("Builds");
  await screen.findByRole("link", { name: "Runners" });
  await user.keyboard("ge");
  await waitFor(() => expect(router.state.location.pathname).toBe("/releases"));
  await user.click(screen.getByRole("button", { name: "More" }));
  await user.click(await screen.findByRole("menuitem", { name: "Runners" }));
  await waitFor(() => expect(router.state.location.pathname).toBe("/runners"));
});

test("a package for all processors comes before one for an emulator", async () => {
  const daemon = new FakeStore();
  daemon.releases.releases = [aRelease({ artifacts: [anApk("app-x86_64.apk"), anApk("app.apk")] })];
  openApp("/releases/p1", { daemon });
  await screen.findAllByText("app.apk");
  expect(rows("To install").map((row) => row.querySelector("p")?.textContent)).toEqual([
    "app.apk",
    "app-x86_64.apk",
  ]);
});
