/** What a build stored: platform, size against the build before, deletion, over the real route tree. */
import { beforeEach, expect, test } from "bun:test";
import { screen, waitFor, within } from "@testing-library/react";
import type { Build } from "@/api/types";
import { axeFindings, openApp } from "./app.tsx";
import { anArtifact, daemonWith, redDaemon, withLogs } from "./fake/builds.ts";
import { aBuild, aProject } from "./fake/data.ts";
import { absent, button, enter, requests } from "./find.ts";

beforeEach(withLogs);

const ofBuild = (id: string, file_size: number) => ({
  ...anArtifact,
  id: `a-${id}`,
  build_id: id,
  file_size,
});
/** What the rows say before their checksums. */
const rows = () =>
  within(screen.getByRole("list", { name: "Artifacts" }))
    .getAllByRole("listitem")
    .map((row) => row.textContent.split("SHA-256")[0]);

/** Builds that passed, each with a package of that size. */
const released = (...builds: [Partial<Build>, number][]) => ({
  releases: builds.map(([patch, size]) => {
    const build = aBuild(patch);
    return { build, artifacts: [ofBuild(build.id, size)], changes: [] };
  }),
  coming: [],
});

test("an artifact says what it is for and how large it is against the last build that passed", async () => {
  const daemon = daemonWith([aBuild()]);
  daemon.files.push({ ...anArtifact, id: "a2", name: "new.bin", artifact_type: "generic" });
  daemon.releases = released(
    [{ id: "b1" }, 1_234_567],
    [{ id: "other", build_number: 6, branch: "next" }, 9_000_000],
    [{ id: "dev", build_number: 5, matrix: { flavor: "dev" } }, 8_000_000],
    [{ id: "b4", build_number: 4 }, 1_000_000],
    [{ id: "b3", build_number: 3 }, 2_000_000],
  );
  const { container } = openApp("/builds/b1?view=artifacts", { daemon });
  expect(await screen.findByText("+235 kB against #4")).toBeDefined();
  expect(rows()).toEqual(["app.apkAndroid packageAndroid1.2 MB+235 kB against #4", "new.binFile1.2 MB"]);
  expect(requests(daemon, "GET /v1/projects/p1/releases").length).toBe(1);
  expect(await axeFindings(container)).toEqual([]);
});

test("a failed build is measured against the one that its failure names as the last that passed", async () => {
  const daemon = redDaemon();
  const passed = { id: "b3", build_number: 3, status: "succeeded" };
  daemon.more.unshift([
    /^GET \/v1\/builds\/b1\/failure$/,
    () => ({ status: "failed", excerpt: [], failures_before: 0, last_passed: passed }),
  ]);
  openApp("/builds/b1?view=artifacts", { daemon });
  expect(await screen.findByText("as large as in #3")).toBeDefined();
  expect(requests(daemon, "GET /v1/projects/p1/releases")).toEqual([]);
});

test("who may not delete artifacts is not offered it", async () => {
  const daemon = daemonWith([aBuild()]);
  daemon.projects = [aProject({ capabilities: ["read", "read_artifacts", "write_artifacts"] })];
  openApp("/builds/b1?view=artifacts", { daemon });
  expect(await button("Share app.apk")).toBeDefined();
  expect(screen.queryByRole("button", { name: "Delete app.apk" }) === null).toBe(true);
});

test("an artifact goes from the list when the server has deleted it, not before", async () => {
  const daemon = daemonWith([aBuild()]);
  const answer = Promise.withResolvers<void>();
  daemon.more.push([
    /^DELETE \/v1\/artifacts\/a1$/,
    async () => {
      await answer.promise;
      daemon.files = [];
      return new Response(null, { status: 204 });
    },
  ]);
  const { user } = openApp("/builds/b1?view=artifacts", { daemon });
  await user.click(await button("Delete app.apk"));
  const dialog = within(await screen.findByRole("dialog", { name: "Delete app.apk?" }));
  expect(dialog.getAllByRole("listitem").map((item) => item.textContent)).toEqual([
    "The stored file: 1.2 MB",
    "Every link to it: they stop working at once",
  ]);
  expect(await axeFindings(document.body)).toEqual([]);
  const name = dialog.getByRole("textbox", { name: "Type app.apk to confirm" });
  await enter(user, name, "app");
  await user.click(dialog.getByRole("button", { name: "Delete the artifact" }));
  expect(name.getAttribute("aria-invalid")).toBe("true");
  expect(requests(daemon, "DELETE")).toEqual([]);
  await enter(user, name, ".apk");
  await user.click(dialog.getByRole("button", { name: "Delete the artifact" }));
  await waitFor(() => expect(requests(daemon, "DELETE /v1/artifacts/a1").length).toBe(1));
  expect(document.querySelector("ul[aria-label=Artifacts]")?.textContent).toContain("app.apk");
  answer.resolve();
  expect(await screen.findByText("app.apk is deleted")).toBeDefined();
  expect(await screen.findByText("No artifacts")).toBeDefined();
});

test("an artifact of a pinned build stays, and its button says why", async () => {
  openApp("/builds/b1?view=artifacts", { daemon: daemonWith([aBuild({ pinned: true })]) });
  const remove = await button("Delete app.apk");
  expect(remove.getAttribute("aria-disabled")).toBe("true");
  const reason = document.getElementById(remove.getAttribute("aria-describedby") ?? "");
  expect(reason?.textContent).toContain("Build #7 is pinned and keeps its artifacts.");
});

test("a refusal is told in the dialog: somebody has pinned the build meanwhile, or the server has another reason", async () => {
  const daemon = daemonWith([aBuild()]);
  const refuse = (code: string, error: string, status = 409) =>
    daemon.failOn("DELETE /v1/artifacts/a1", { status, code, error });
  refuse("build_pinned", "the build is pinned");
  const { user } = openApp("/builds/b1?view=artifacts", { daemon });
  await user.click(await button("Delete app.apk"));
  const dialog = within(await screen.findByRole("dialog"));
  await enter(user, dialog.getByRole("textbox"), "app.apk");
  const confirm = dialog.getByRole("button", { name: "Delete the artifact" });
  await user.click(confirm);
  expect((await dialog.findByRole("alert")).textContent).toContain("Build #7 is pinned");
  refuse("permission_denied", "not you", 403);
  await user.click(confirm);
  expect(await dialog.findByText("not you")).toBeDefined();
  refuse("not_found", "no such artifact", 404);
  await user.click(confirm);
  expect(await screen.findByText("app.apk was gone already")).toBeDefined();
  await absent(() => screen.queryByRole("dialog"));
});
