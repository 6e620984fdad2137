/** Where artifacts are stored: its page over the real route tree, and links to one artifact. */
import { expect, test } from "bun:test";
import { screen, waitFor, within } from "@testing-library/react";
import { axeFindings, openApp } from "./app.tsx";
import { aBuild, aProject, NOW } from "./fake/data.ts";
import { aBucket, aLink, anApk, aStorage, FakeOperations } from "./fake/operations.ts";
import { absent, button, enter, requests } from "./find.ts";

function openWith(patch: Partial<FakeOperations>) {
  const daemon = Object.assign(new FakeOperations(), patch);
  return { ...openApp("/settings/storage", { daemon }), daemon };
}

const box = (name: string) => screen.findByRole<HTMLInputElement>("textbox", { name });
const provider = (name: string) => screen.findByRole("radio", { name });
const put = "PUT /v1/settings/artifact-storage";

test("a bucket is chosen with its keys, which are typed here and never shown again", async () => {
  const { user, daemon, container } = openWith({});
  await user.click(await provider("In an S3 bucket"));
  await user.click(await button("Save storage"));
  expect((await box("Bucket")).getAttribute("aria-invalid")).toBe("true");
  await waitFor(async () => expect(document.activeElement === (await box("Bucket"))).toBe(true));
  await user.type(await box("Bucket"), "builds");
  await user.click(await button("Save storage"));
  expect((await box("Access key id")).getAttribute("aria-invalid")).toBe("true");
  await user.type(await box("Access key id"), "AKIA");
  await user.type(screen.getByLabelText("Secret access key"), "shh");
  expect(await axeFindings(container)).toEqual([]);
  await user.click(await button("Save storage"));
  expect(await screen.findByText("New artifacts go there from now on")).toBeDefined();
  expect(daemon.bodies).toEqual([
    { provider: "s3", s3_bucket: "builds", access_key_id: "AKIA", secret_access_key: "shh" },
  ]);
  expect(await screen.findByText("Keys are stored. They are never shown.")).toBeDefined();
  expect(screen.queryByDisplayValue("shh") === null).toBe(true);
});

test("another endpoint must not learn the stored keys: they are asked for again", async () => {
  const { user, daemon } = openWith({ storage: aBucket() });
  await screen.findByText("Keys are stored. They are never shown.");
  await user.clear(await box("Region (optional)"));
  await user.click(await button("Save storage"));
  await waitFor(() => expect(daemon.bodies.length).toBe(1));
  expect(daemon.bodies[0]).toEqual({
    provider: "s3",
    s3_bucket: "builds",
    s3_endpoint: "https://s3.example.com",
  });
  const endpoint = await box("Endpoint (optional)");
  await user.clear(endpoint);
  await enter(user, endpoint, "https://other.example.com");
  expect(await screen.findByText(/must not learn the stored keys/)).toBeDefined();
  await user.click(await button("Save storage"));
  expect((await box("Access key id")).getAttribute("aria-invalid")).toBe("true");
  expect(requests(daemon, put).length).toBe(1);
});

test("what the server refuses stands at the field that it is about", async () => {
  const { user, daemon } = openWith({});
  daemon.failOn(put, { status: 400, code: "invalid_local_base_dir", error: "must be absolute" });
  await user.type(await box("Folder (optional)"), "/x");
  await user.click(await button("Save storage"));
  expect(await screen.findByText("must be absolute")).toBeDefined();
  expect((await box("Folder (optional)")).getAttribute("aria-invalid")).toBe("true");
  daemon.failOn(put, { status: 500, code: "store_error", error: "no disk" });
  await user.click(await button("Save storage"));
  expect(await screen.findByText("req-test-1")).toBeDefined();
});

test("a region that is none is said at its field", async () => {
  const { user, daemon } = openWith({ storage: aBucket() });
  const message = "is not the name of a region";
  const fields = [{ field: "s3_region", message }];
  daemon.failOn(put, { status: 400, code: "invalid_input", error: `s3_region: ${message}`, fields });
  await user.type(await box("Region (optional)"), "!");
  await user.click(await button("Save storage"));
  expect(await screen.findByText(message)).toBeDefined();
  expect((await box("Region (optional)")).getAttribute("aria-invalid")).toBe("true");
});

test("a test says each step, what went wrong and what was not reached", async () => {
  const { user, daemon, container } = openWith({ storage: aBucket() });
  daemon.storageTest = {
    ok: false,
    steps: [
      { step: "write", ok: true, duration_ms: 12 },
      { step: "read", ok: false, duration_ms: 40, error: "access denied", hint: "Allow GetObject." },
    ],
  };
  await user.click(await button("Test the connection"));
  const steps = within(await screen.findByRole("list", { name: "Steps of the test" }));
  expect(steps.getAllByRole("listitem").map((item) => item.textContent)).toEqual([
    "Write12 msWorks",
    "Readaccess deniedAllow GetObject.40 msFailed",
    "ListNot tried",
    "DeleteNot tried",
  ]);
  expect(daemon.bodies).toEqual([{}]);
  expect(await axeFindings(container)).toEqual([]);
});

test("what is typed can be tested before it is saved, and a result stands for that only", async () => {
  const { user, daemon } = openWith({});
  daemon.storageTest = { ok: true, steps: [{ step: "write", ok: true, duration_ms: 1 }] };
  const folder = await box("Folder (optional)");
  await user.clear(folder);
  await user.type(folder, "/mnt/a");
  await user.click(await button("Test what is entered"));
  expect(await screen.findByText("Everything works.")).toBeDefined();
  expect(daemon.bodies).toEqual([{ settings: { provider: "local", local_base_dir: "/mnt/a" } }]);
  await user.type(folder, "b");
  await absent(() => screen.queryByText("Everything works."));
});

test("what was found of a place is not said of the next one", async () => {
  const { user, daemon } = openWith({});
  daemon.storageTest = { ok: true, steps: [] };
  await user.click(await button("Test the connection"));
  expect(await screen.findByText("Everything works.")).toBeDefined();
  await user.type(await box("Folder (optional)"), "/x");
  await user.click(await button("Save storage"));
  await absent(() => screen.queryByText("Everything works."));
});

test("that nothing can be stored, and that nothing is, are told apart", async () => {
  const broken = openWith({ storage: aBucket({ problem: "no such bucket: builds" }) });
  expect(await screen.findByText("no such bucket: builds")).toBeDefined();
  expect(screen.getByText("Artifacts can't be stored at the moment")).toBeDefined();
  expect(await axeFindings(broken.container)).toEqual([]);
  broken.unmount();
  openWith({ storage: aStorage({ provider: "disabled", local_base_dir: undefined }) });
  expect(await screen.findByText("Artifacts are not stored")).toBeDefined();
  expect(screen.queryByRole("button", { name: "Test the connection" }) === null).toBe(true);
});

test("who may only look sees the place without controls", async () => {
  const daemon = Object.assign(new FakeOperations(), { storage: aBucket() });
  daemon.capabilities = ["instance_settings.read"];
  const { container } = openApp("/settings/storage", { daemon });
  expect(await screen.findByText("You may look at these settings, not change them.")).toBeDefined();
  expect(screen.getByText("https://s3.example.com")).toBeDefined();
  expect(screen.queryByRole("button", { name: "Save storage" }) === null).toBe(true);
  expect(await axeFindings(container)).toEqual([]);
});

const openArtifacts = (daemon: FakeOperations) => {
  daemon.builds = [aBuild()];
  return openApp("/builds/b1?view=artifacts", { daemon });
};

test("an artifact is shared by a link that is shown once, listed and revoked", async () => {
  const daemon = new FakeOperations();
  const { user } = openArtifacts(daemon);
  await user.click(await button("Share app.apk"));
  const dialog = within(await screen.findByRole("dialog", { name: "Share app.apk" }));
  expect(await dialog.findByText("No link has been made yet.")).toBeDefined();
  await user.selectOptions(dialog.getByRole("combobox", { name: "Good for" }), "A week");
  await user.click(dialog.getByRole("checkbox", { name: "For one download only" }));
  await user.click(dialog.getByRole("button", { name: "Make a link" }));
  expect(await dialog.findByText("http://localhost:8787/install/artifact/once")).toBeDefined();
  expect(daemon.bodies).toEqual([{ ttl_secs: 604_800, single_use: true }]);
  const links = within(dialog.getByRole("region", { name: "Links to this file" }));
  expect(await links.findByText("Active")).toBeDefined();
  expect(links.getByText("one download")).toBeDefined();
  expect(await axeFindings(screen.getByRole("dialog"))).toEqual([]);
  await user.click(links.getByRole("button", { name: "Revoke the link 0a1b2c3d" }));
  expect(await links.findByText("Revoked")).toBeDefined();
  expect(links.queryByRole("button", { name: /^Revoke/ }) === null).toBe(true);
  expect(dialog.queryByText("http://localhost:8787/install/artifact/once") === null).toBe(true);
});

test("links say what became of them, and who may not hand files on is not offered it", async () => {
  const daemon = new FakeOperations();
  daemon.links = [
    aLink({ id: "1", is_used: true, single_use: true }),
    aLink({ id: "2", is_expired: true }),
    aLink({ id: "3", is_revoked: true, is_expired: true }),
  ];
  const { user, unmount } = openArtifacts(daemon);
  await user.click(await button("Share app.apk"));
  const links = within(await screen.findByRole("region", { name: "Links to this file" }));
  for (const state of ["Used up", "Expired", "Revoked"]) expect(await links.findByText(state)).toBeDefined();
  unmount();
  daemon.projects = [aProject({ capabilities: ["read", "read_artifacts"] })];
  openArtifacts(daemon);
  await button("Download app.apk");
  expect(screen.queryByRole("button", { name: "Share app.apk" }) === null).toBe(true);
});

test("a build is pinned and let go again, and says who keeps it", async () => {
  const daemon = new FakeOperations();
  const { user } = openArtifacts(daemon);
  await button("Download app.apk");
  await user.click(await button("More actions"));
  await user.click(await screen.findByRole("menuitem", { name: /^Pin/ }));
  expect(await screen.findByText("Pinned by owner@local")).toBeDefined();
  await user.click(await button("More actions"));
  await user.click(await screen.findByRole("menuitem", { name: "No longer pin" }));
  await absent(() => screen.queryByText("Pinned by owner@local"));
  expect(requests(daemon, "DELETE /v1/builds/b1/pin").length).toBe(1);
});

test("what the server still gives can be downloaded, whatever its date says", async () => {
  const daemon = new FakeOperations();
  daemon.artifacts = [
    { ...anApk, expires_at: NOW - 86_400 },
    { ...anApk, id: "a2", name: "late.apk", state: "pending", expires_at: NOW + 86_400 },
  ];
  openArtifacts(daemon);
  const list = within(await screen.findByRole("list", { name: "Artifacts" }));
  const [stored, pending] = list.getAllByRole("listitem");
  expect(await button("Download app.apk")).toBeDefined();
  expect(stored?.textContent).toContain("Expires ");
  expect(stored?.textContent).not.toContain("Expired");
  expect(pending?.textContent).toContain("Uploading");
  expect(screen.queryByRole("button", { name: "Download late.apk" }) === null).toBe(true);
});

test("artifacts that retention took say when and by which rule", async () => {
  const daemon = new FakeOperations();
  daemon.artifacts = [];
  daemon.builds = [aBuild({ artifacts_removed_at: 1_700_000_000, artifacts_removed_by: "age" })];
  openApp("/builds/b1?view=artifacts", { daemon });
  expect(await screen.findByText("Retention removed the artifacts")).toBeDefined();
  expect(screen.getByText("The build ended too long ago.")).toBeDefined();
  expect(screen.queryByText("No artifacts") === null).toBe(true);
});
