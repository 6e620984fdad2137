/** Forms over what is stored already: nothing that is typed is lost, whatever others save meanwhile. */
import { expect, test } from "bun:test";
import { screen, waitFor } from "@testing-library/react";
import { axeFindings, openApp } from "./app.tsx";
import { aProject, NOW } from "./fake/data.ts";
import { aChannel, aPolicy, aStorage, FakeOperations } from "./fake/operations.ts";
import { button } from "./find.ts";

type Form = {
  page: string;
  field: string;
  /** What somebody else stores there. */
  change: (daemon: FakeOperations, theirs: string, updated_at: number) => void;
};

const NETWORK = "/v1/settings/external-access/network";

const FORMS: Record<string, Form> = {
  storage: {
    page: "/settings/storage",
    field: "Folder (optional)",
    change: (daemon, local_base_dir, updated_at) => {
      daemon.storage = aStorage({ local_base_dir, updated_at });
    },
  },
  "retention of the instance": {
    page: "/settings/retention",
    field: "Builds that ended more than this many days ago (optional)",
    change: (daemon, days, updated_at) => {
      daemon.policy = aPolicy({ max_age_days: Number(days), updated_at });
    },
  },
  "retention of a project": {
    page: "/projects/p1/settings",
    field: "Builds that ended more than this many days ago (optional)",
    change: (daemon, days, updated_at) => {
      const override_fields = { project_id: "p1", max_age_days: Number(days), updated_at };
      daemon.ofProject = { ...daemon.ofProject, has_override: true, override_fields };
    },
  },
  "a project": {
    page: "/projects/p1/settings",
    field: "Name",
    change: (daemon, name) => {
      daemon.projects = [aProject({ name })];
    },
  },
  "a channel": {
    page: "/settings/notifications/n1",
    field: "Name",
    change: (daemon, name, updated_at) => {
      daemon.channels = [aChannel({ name, updated_at })];
    },
  },
  "the addresses of the instance": {
    page: "/settings/access",
    field: "Public address (optional)",
    change: (daemon, public_url, updated_at) => {
      const settings = { public_url, allowed_origins: [], source: "database", updated_at };
      daemon.more.unshift([new RegExp(`^GET ${NETWORK}$`), () => ({ settings })]);
    },
  },
};

const CHANGED = "Somebody changed this while you edit it";
const box = (name: string) => screen.findByRole<HTMLInputElement>("textbox", { name });
const warned = () => screen.queryByText(CHANGED) !== null;

async function openForm({ page, field, change }: Form) {
  const daemon = new FakeOperations();
  daemon.capabilities = [...daemon.capabilities, "external_access.write"];
  change(daemon, "11", NOW);
  const app = openApp(page, { daemon });
  await waitFor(async () => expect((await box(field)).value).toBe("11"));
  const theirs = async (text: string, at: number) => {
    change(daemon, text, at);
    await app.runtime.queryClient.invalidateQueries({ queryKey: app.runtime.key() });
  };
  return { ...app, daemon, theirs };
}

for (const [name, form] of Object.entries(FORMS)) {
  test(`${name}: what is typed stays when somebody else saves, who is told and can be followed`, async () => {
    const { user, theirs, container } = await openForm(form);
    await theirs("22", NOW + 1);
    await waitFor(async () => expect((await box(form.field)).value).toBe("22"));
    expect(warned()).toBe(false);
    await user.type(await box(form.field), "5");
    await theirs("33", NOW + 2);
    expect(await screen.findByText(CHANGED)).toBeDefined();
    expect((await box(form.field)).value).toBe("225");
    expect(await axeFindings(container)).toEqual([]);
    await user.click(await button("Reload, and lose my changes"));
    await waitFor(async () => expect((await box(form.field)).value).toBe("33"));
    expect(warned()).toBe(false);
    await user.type(await box(form.field), "5");
    await theirs("44", NOW + 3);
    expect(await screen.findByText(CHANGED)).toBeDefined();
    await user.click(await button("Discard changes"));
    await waitFor(async () => expect((await box(form.field)).value).toBe("44"));
    expect(warned()).toBe(false);
  });
}

test("what is saved oneself is nobody else's change, also over theirs", async () => {
  const { user, daemon, theirs } = await openForm(FORMS["a project"] as Form);
  const saved = async (text: string) => {
    await user.click(await button("Save"));
    await waitFor(() => expect(daemon.projects[0]?.name).toBe(text));
    await waitFor(() =>
      expect(screen.queryByRole("button", { name: "Discard changes" }) === null).toBe(true),
    );
    expect((await box("Name")).value).toBe(text);
    expect(warned()).toBe(false);
  };
  await user.type(await box("Name"), "5");
  await saved("115");
  await user.type(await box("Name"), "5");
  await theirs("22", NOW + 2);
  expect(await screen.findByText(CHANGED)).toBeDefined();
  await saved("1155");
  // Back to what was saved over.
  await theirs("22", NOW + 3);
  await waitFor(async () => expect((await box("Name")).value).toBe("22"));
});
