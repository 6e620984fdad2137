/** Variables and secrets of projects and pipelines over the real route tree. */
import { expect, test } from "bun:test";
import { screen, waitFor, within } from "@testing-library/react";
import type { Variable } from "@/api/types";
import { axeFindings, openApp } from "./app.tsx";
import { FakeDaemon } from "./fake/daemon.ts";
import { aProject, NOW } from "./fake/data.ts";

const PROJECT = "/v1/projects/p1/variables";

const aVariable = (change: Partial<Variable> = {}): Variable => ({
  name: "API_KEY",
  kind: "secret",
  created_at: NOW,
  updated_at: NOW,
  updated_by: "ana@example.com",
  ...change,
});

/** A daemon that keeps what it is told, as the real one does: without the values of secrets. */
class FakeKeeper extends FakeDaemon {
  kept: Variable[] = [];

  constructor() {
    super();
    this.more.push([
      /^GET \/v1\/(?:projects|pipelines)\/[^/]+\/variables$/,
      () => ({ variables: this.kept }),
    ]);
    this.more.push([
      /^PUT \/v1\/(?:projects|pipelines)\/[^/]+\/variables\/(.+)$/,
      async (request, [name]) => {
        const body = (await request.json()) as { kind: Variable["kind"]; value: string };
        this.bodies.push(body);
        const value = body.kind === "plain" ? body.value : undefined;
        const variable = aVariable({ name, kind: body.kind, value });
        this.kept = [...this.kept.filter((one) => one.name !== name), variable];
        return { variable };
      },
    ]);
    this.more.push([
      /^DELETE \/v1\/(?:projects|pipelines)\/[^/]+\/variables\/(.+)$/,
      (_, [name]) => {
        this.kept = this.kept.filter((one) => one.name !== name);
        return { ok: true };
      },
    ]);
  }
}

const page = (daemon: FakeDaemon) => openApp("/projects/p1/variables", { daemon });
const list = async () => within(await screen.findByRole("list", { name: "Variables and secrets" }));

test("a secret is added, listed without its value, and deleted", async () => {
  const daemon = new FakeKeeper();
  const { user, container } = page(daemon);
  await screen.findByText("No variables yet");
  await user.click(screen.getByRole("button", { name: "Add variable" }));
  const dialog = within(await screen.findByRole("dialog"));
  await user.click(dialog.getByRole("button", { name: "Save" }));
  expect(dialog.getByRole("textbox", { name: "Name" }).getAttribute("aria-invalid")).toBe("true");
  await user.type(dialog.getByRole("textbox", { name: "Name" }), "API_KEY");
  await user.type(dialog.getByRole("textbox", { name: "Value" }), "v3ry-s3cret");
  await user.click(dialog.getByRole("button", { name: "Save" }));
  expect(await (await list()).findByText("API_KEY")).toBeDefined();
  expect(daemon.bodies).toEqual([{ kind: "secret", value: "v3ry-s3cret" }]);
  expect(screen.queryByText(/v3ry/)).toBeNull();
  expect(await axeFindings(container)).toEqual([]);
  await user.click(screen.getByRole("button", { name: "Delete API_KEY" }));
  const question = within(await screen.findByRole("dialog"));
  await user.click(question.getByRole("button", { name: "Delete" }));
  await screen.findByText("No variables yet");
});

test("a value is replaced; a secret's form begins empty and a name is not overwritten by adding", async () => {
  const daemon = new FakeKeeper();
  daemon.kept = [aVariable(), aVariable({ name: "API_URL", kind: "plain", value: "https://old.example" })];
  const { user } = page(daemon);
  expect(await (await list()).findByText("https://old.example")).toBeDefined();
  await user.click(screen.getByRole("button", { name: "Replace API_KEY" }));
  const dialog = within(await screen.findByRole("dialog"));
  const value = dialog.getByRole<HTMLTextAreaElement>("textbox", { name: "Value" });
  expect(value.value).toBe("");
  await user.type(value, "n3w-s3cret");
  await user.click(dialog.getByRole("button", { name: "Save" }));
  await waitFor(() => expect(daemon.bodies).toEqual([{ kind: "secret", value: "n3w-s3cret" }]));
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  await user.click(screen.getByRole("button", { name: "Add variable" }));
  const adding = within(await screen.findByRole("dialog"));
  await user.type(adding.getByRole("textbox", { name: "Name" }), "API_URL");
  await user.click(adding.getByRole("button", { name: "Save" }));
  expect(adding.getByText(/one of this name already/)).toBeDefined();
  expect(daemon.bodies).toHaveLength(1);
});

test("what the server refuses is shown at its field", async () => {
  const daemon = new FakeKeeper();
  const fields = [{ field: "value", message: "a secret of fewer than 4 bytes can't be masked in logs" }];
  daemon.failOn(`PUT ${PROJECT}/PIN`, { status: 400, code: "invalid_variable", fields });
  const { user } = page(daemon);
  await user.click(await screen.findByRole("button", { name: "Add variable" }));
  const dialog = within(await screen.findByRole("dialog"));
  await user.type(dialog.getByRole("textbox", { name: "Name" }), "PIN");
  await user.type(dialog.getByRole("textbox", { name: "Value" }), "123");
  await user.click(dialog.getByRole("button", { name: "Save" }));
  expect(await dialog.findByText(/can't be masked/)).toBeDefined();
  expect(dialog.getByRole("textbox", { name: "Value" }).getAttribute("aria-invalid")).toBe("true");
});

test("who may not change them reads the list only; failures and denials are told", async () => {
  const daemon = new FakeKeeper();
  daemon.projects = [aProject({ capabilities: ["read"] })];
  daemon.kept = [aVariable()];
  const { unmount } = page(daemon);
  expect(await (await list()).findByText("API_KEY")).toBeDefined();
  expect(screen.getByText(/Maintainers of the project change them/)).toBeDefined();
  for (const name of ["Add variable", "Replace API_KEY", "Delete API_KEY"])
    expect(screen.queryByRole("button", { name })).toBeNull();
  unmount();
  daemon.failOn(`GET ${PROJECT}`, { status: 403, code: "permission_denied" });
  const denied = page(daemon);
  expect(await screen.findByText("You don't have access to this")).toBeDefined();
  denied.unmount();
  daemon.failOn(`GET ${PROJECT}`, { status: 500, code: "store_error", error: "the database is full" });
  page(daemon);
  expect(await screen.findByText(/the database is full/)).toBeDefined();
});

test("a pipeline's page has those of the pipeline", async () => {
  const daemon = new FakeKeeper();
  daemon.kept = [aVariable({ name: "SIGNING_KEY", kind: "file" })];
  openApp("/projects/p1/pipelines/l1", { daemon });
  expect(await (await list()).findByText("SIGNING_KEY")).toBeDefined();
  expect(daemon.seen.some((line) => /^GET \/v1\/pipelines\/[^/]+\/variables$/.test(line))).toBe(true);
});
