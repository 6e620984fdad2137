/** How long builds keep what they made, of the instance and of a project, over the real route tree. */
import { expect, test } from "bun:test";
import { screen, waitFor, within } from "@testing-library/react";
import { axeFindings, openApp } from "./app.tsx";
import { aPolicy, FakeOperations, NOTHING_GOES } from "./fake/operations.ts";
import { absent, button, requests } from "./find.ts";

const GOES = {
  ...NOTHING_GOES,
  builds: 214,
  builds_deleted: 214,
  artifacts: 300,
  bytes: 38_000_000_000,
  stored_bytes: 50_000_000_000,
  rules: [{ rule: "age" as const, builds: 214, artifacts: 300, bytes: 38_000_000_000 }],
};

const DAYS = "Builds that ended more than this many days ago (optional)";
const PUT = "PUT /v1/settings/retention";
const field = (name: string) => screen.findByRole<HTMLInputElement>("textbox", { name });
const preview = async () => within(await screen.findByRole("region", { name: "What it would do now" }));

test("what rules would remove is shown while they are typed, and asked about before they are saved", async () => {
  const daemon = new FakeOperations();
  const { user, container } = openApp("/settings/retention", { daemon });
  expect(await (await preview()).findByText("This would remove nothing.")).toBeDefined();
  daemon.preview = GOES;
  await user.click(screen.getByRole("radio", { name: "The whole build" }));
  await user.type(await field(DAYS), "30");
  expect(await (await preview()).findByText("This would delete 214 builds, 38 GB.")).toBeDefined();
  expect((await preview()).getByText("50 GB are stored now.")).toBeDefined();
  const byRule = within((await preview()).getByRole("list", { name: "By rule" }));
  expect(byRule.getAllByRole("listitem").map((item) => item.textContent)).toEqual([
    "Too old: 214 builds, 38 GB",
  ]);
  expect(await axeFindings(container)).toEqual([]);
  await user.click(await button("Save retention"));
  const dialog = within(await screen.findByRole("dialog", { name: "Save and remove?" }));
  expect(dialog.getByText("This would delete 214 builds, 38 GB.")).toBeDefined();
  expect(requests(daemon, PUT)).toEqual([]);
  await user.click(dialog.getByRole("button", { name: "Save" }));
  expect(await screen.findByText("Retention saved")).toBeDefined();
  expect(daemon.policy).toMatchObject({ max_age_days: 30, cleanup_target: "full" });
  await absent(() => screen.queryByRole("dialog"));
});

test("who saves before the preview is there is asked all the same", async () => {
  const daemon = new FakeOperations();
  const { user } = openApp("/settings/retention", { daemon });
  expect(await (await preview()).findByText("This would remove nothing.")).toBeDefined();
  daemon.preview = GOES;
  await user.type(await field(DAYS), "30{Enter}");
  const dialog = within(await screen.findByRole("dialog", { name: "Save and remove?" }));
  expect(dialog.getByText("This would delete 214 builds, 38 GB.")).toBeDefined();
  expect(requests(daemon, PUT)).toEqual([]);
});

test("artifacts alone, and both kinds, are said so", async () => {
  const daemon = new FakeOperations();
  daemon.preview = { ...GOES, builds: 1, builds_deleted: 0, bytes: 1_500_000 };
  const first = openApp("/settings/retention", { daemon });
  expect(
    await (await preview()).findByText("This would remove the artifacts of 1 build, 1.5 MB."),
  ).toBeDefined();
  first.unmount();
  daemon.preview = { ...GOES, builds: 3, builds_deleted: 1 };
  openApp("/settings/retention", { daemon });
  const text = "This would delete 1 build and remove the artifacts of 2 builds, 38 GB.";
  expect(await (await preview()).findByText(text)).toBeDefined();
});

test("sizes are typed in GB, and what is no number is not saved", async () => {
  const daemon = new FakeOperations();
  const { user } = openApp("/settings/retention", { daemon });
  const budget = await field("The oldest, once all artifacts take more than this many GB (optional)");
  await user.type(budget, "1.5");
  await user.type(await field(DAYS), "0");
  expect(await screen.findByText("Enter a number above 0.")).toBeDefined();
  await user.click(await button("Save retention"));
  await waitFor(async () => expect(document.activeElement === (await field(DAYS))).toBe(true));
  expect(requests(daemon, PUT)).toEqual([]);
  await user.clear(await field(DAYS));
  await user.click(screen.getByRole("checkbox", { name: "Failed" }));
  await user.selectOptions(screen.getByRole("combobox", { name: "Looked at every" }), "6 hours");
  await user.click(await button("Save retention"));
  await waitFor(() => expect(requests(daemon, PUT).length).toBe(1));
  expect(daemon.policy).toMatchObject({
    disk_budget_bytes: 1_500_000_000,
    max_age_days: null,
    keep_statuses: ["failed"],
    cleanup_interval_secs: 21_600,
  });
});

test("while it is off nothing is counted, and only counting asks nothing", async () => {
  const daemon = new FakeOperations();
  daemon.policy = aPolicy({ enabled: false });
  daemon.preview = GOES;
  const { user } = openApp("/settings/retention", { daemon });
  expect(await (await preview()).findByText("Nothing is removed while this is off.")).toBeDefined();
  expect(requests(daemon, "POST /v1/settings/retention/preview")).toEqual([]);
  await user.click(screen.getByRole("switch", { name: /^Remove what builds made/ }));
  await user.click(screen.getByRole("switch", { name: "Only count" }));
  expect(await (await preview()).findByText("This would delete 214 builds, 38 GB.")).toBeDefined();
  await user.click(await button("Save retention"));
  expect(await screen.findByText("Retention saved")).toBeDefined();
  expect(daemon.policy.dry_run).toBe(true);
});

test("the last clean-up says what it freed, and that there was none yet", async () => {
  const daemon = new FakeOperations();
  const first = openApp("/settings/retention", { daemon });
  expect(await screen.findByText("None has run yet.")).toBeDefined();
  first.unmount();
  daemon.cleanup = {
    builds_expired: 1234,
    artifacts_deleted: 2,
    bytes_reclaimed: 3_000_000,
    dry_run: true,
    ran_at: 1_700_000_000,
  };
  openApp("/settings/retention", { daemon });
  const last = within(await screen.findByRole("region", { name: "Last clean-up" }));
  expect(await last.findByText("1,234")).toBeDefined();
  expect(last.getByText("3 MB")).toBeDefined();
  expect(last.getByText("(Only counted, nothing was removed)")).toBeDefined();
});

test("a preview that fails says why, with the request's id", async () => {
  const daemon = new FakeOperations();
  daemon.failOn("POST /v1/settings/retention/preview", { status: 403, code: "x", error: "not now" });
  openApp("/settings/retention", { daemon });
  expect(await (await preview()).findByText("not now")).toBeDefined();
  expect((await preview()).getByText("req-test-1")).toBeDefined();
});

test("who may only look sees the rules in force", async () => {
  const daemon = new FakeOperations();
  daemon.capabilities = ["instance_settings.read"];
  daemon.policy = aPolicy({ max_age_days: 30, max_builds_per_project: 1 });
  const { container } = openApp("/settings/retention", { daemon });
  expect(await screen.findByText(/after 30 days · all but the newest build/)).toBeDefined();
  expect(screen.queryByRole("button", { name: "Save retention" }) === null).toBe(true);
  expect(await axeFindings(container)).toEqual([]);
});

test("what is in force is said whole: every rule, what is kept, and that it only counts", async () => {
  const daemon = new FakeOperations();
  daemon.capabilities = ["instance_settings.read"];
  daemon.policy = aPolicy({ disk_budget_bytes: 5_000_000_000 });
  const first = openApp("/settings/retention", { daemon });
  expect(await screen.findByText(/The artifacts: once all take more than 5 GB/)).toBeDefined();
  first.unmount();
  daemon.policy = aPolicy({ max_age_days: 30, keep_statuses: ["succeeded", "failed"], dry_run: true });
  const second = openApp("/settings/retention", { daemon });
  const text =
    /Nothing is removed, only counted\. The artifacts: after 30 days · never .* so: Passed, Failed/;
  expect(await screen.findByText(text)).toBeDefined();
  second.unmount();
  daemon.policy = aPolicy({ dry_run: true });
  openApp("/settings/retention", { daemon });
  expect(await screen.findByText(/Nothing is removed\.$/)).toBeDefined();
});

const ofProject = async () => within(await screen.findByRole("region", { name: "Retention" }));

test("a project has rules of its own, and goes back to those of the instance", async () => {
  const daemon = new FakeOperations();
  daemon.preview = GOES;
  const { user, container } = openApp("/projects/p1/settings", { daemon });
  const section = await ofProject();
  expect(await section.findByText(/The artifacts: after 30 days/)).toBeDefined();
  await user.click(section.getByRole("radio", { name: "Has rules of its own" }));
  await user.type(section.getByRole("textbox", { name: DAYS }), "7");
  await user.selectOptions(section.getByRole("combobox", { name: "What goes" }), "The whole build");
  await user.click(section.getByRole("switch", { name: "Say here which outcomes are kept" }));
  await user.click(section.getByRole("checkbox", { name: "Passed" }));
  expect(await section.findByText("This would delete 214 builds, 38 GB.")).toBeDefined();
  expect(await axeFindings(container)).toEqual([]);
  await user.click(section.getByRole("button", { name: "Save retention" }));
  await user.click(within(await screen.findByRole("dialog")).getByRole("button", { name: "Save" }));
  await waitFor(() => expect(daemon.ofProject.has_override).toBe(true));
  expect(daemon.ofProject.override_fields).toMatchObject({
    max_age_days: 7,
    max_builds_per_project: null,
    enabled: null,
    cleanup_target: "full",
    keep_statuses: ["succeeded"],
  });
  daemon.preview = NOTHING_GOES;
  await user.click(await (await ofProject()).findByRole("radio", { name: "As the instance says" }));
  expect(await (await ofProject()).findByText("This would remove nothing.")).toBeDefined();
  await user.click((await ofProject()).getByRole("button", { name: "Save retention" }));
  await waitFor(() => expect(daemon.ofProject.has_override).toBe(false));
});

test("while the instance only counts, a project's rules are saved without asking what to remove", async () => {
  const daemon = new FakeOperations();
  daemon.preview = GOES;
  daemon.ofProject = { effective: aPolicy({ dry_run: true }), has_override: false };
  const { user } = openApp("/projects/p1/settings", { daemon });
  const section = await ofProject();
  await user.click(await section.findByRole("radio", { name: "Has rules of its own" }));
  await user.type(section.getByRole("textbox", { name: DAYS }), "7");
  await user.click(section.getByRole("button", { name: "Save retention" }));
  expect(await screen.findByText("Retention saved")).toBeDefined();
  expect(daemon.ofProject.override_fields).toMatchObject({ max_age_days: 7 });
});
