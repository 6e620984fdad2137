/** Deliveries of webhooks over the real route tree: the way there and back, what is said when there is none. */
import { expect, test } from "bun:test";
import { screen, waitFor, within } from "@testing-library/react";
import type { WebhookDelivery } from "@/api/types";
import { axeFindings, openApp } from "./app.tsx";
import { NOW } from "./fake/data.ts";
import { FakeHosts } from "./fake/sources.ts";
import { absent, heading, requests } from "./find.ts";

const DELIVERY: WebhookDelivery = {
  id: "d1",
  integration_id: "s1",
  integration_name: "Oore CI 4f2a",
  event: "push",
  arrived_by: "webhook",
  external_id: "x1",
  status: "done",
  attempts: 1,
  body_bytes: 10,
  received_at: NOW,
  can_replay: false,
  verdicts: [],
};

/** It finds nothing for a text. */
function daemonWith(deliveries: WebhookDelivery[]): FakeHosts {
  const daemon = new FakeHosts();
  daemon.more.push([
    /^GET \/v1\/webhook-deliveries$/,
    (request) => ({ deliveries: new URL(request.url).searchParams.has("search") ? [] : deliveries }),
  ]);
  daemon.more.push([
    /^GET \/v1\/webhook-deliveries\/([^/]+)$/,
    (_, [id]) => {
      const delivery = deliveries.find((one) => one.id === id);
      return delivery && { delivery };
    },
  ]);
  return daemon;
}

test("a source leads to its deliveries, and they lead back", async () => {
  const daemon = daemonWith([DELIVERY]);
  const { container, user, router } = openApp("/settings/integrations/s1", { daemon });
  await user.click(await screen.findByRole("link", { name: "All deliveries" }));
  expect(await screen.findByText("Source: Oore CI 4f2a")).toBeDefined();
  expect(requests(daemon, "GET /v1/webhook-deliveries?integration_id=s1").length).toBe(1);
  expect(await axeFindings(container)).toEqual([]);
  await user.click(screen.getByRole("link", { name: "GitHub: push" }));
  await user.click(await screen.findByRole("link", { name: "Oore CI 4f2a" }));
  await waitFor(() => expect(router.state.location.pathname).toBe("/settings/integrations/s1"));
});

test("without a delivery the list says what would be there; filters that hide all can be taken away", async () => {
  const { container, unmount } = openApp("/settings/deliveries", { daemon: daemonWith([]) });
  await heading("Deliveries");
  expect(await screen.findByText("No webhook has arrived yet")).toBeDefined();
  expect(await axeFindings(container)).toEqual([]);
  unmount();
  const { user, router } = openApp("/settings/deliveries?q=nowhere", { daemon: daemonWith([DELIVERY]) });
  expect(await screen.findByText("Nothing matches")).toBeDefined();
  expect(screen.queryByText("No webhook has arrived yet")).toBeNull();
  await user.click(screen.getByRole("button", { name: /^Repository, branch or person: nowhere/ }));
  expect(await screen.findByRole("link", { name: "GitHub: push" })).toBeDefined();
  expect(router.state.location.search).toEqual({});
});

test("the source that nothing was found of is still called by its name", async () => {
  openApp("/settings/deliveries?source=s1&q=nowhere", { daemon: daemonWith([DELIVERY]) });
  expect(await screen.findByText("Nothing matches")).toBeDefined();
  expect(await screen.findByText("Source: Oore CI 4f2a")).toBeDefined();
  expect(screen.queryByText(/Source: s1/) === null).toBe(true);
});

test("a delivery that is no longer kept leads back to the list", async () => {
  const { user, router } = openApp("/settings/deliveries/gone", { daemon: daemonWith([]) });
  expect(await screen.findByText("This delivery does not exist")).toBeDefined();
  await user.click(screen.getAllByRole("link", { name: "Deliveries" }).at(-1) as HTMLElement);
  await waitFor(() => expect(router.state.location.pathname).toBe("/settings/deliveries"));
});

const HELD: WebhookDelivery = {
  ...DELIVERY,
  id: "d2",
  event: "pull_request",
  commit_sha: "a".repeat(40),
  sender: "mallory",
  number: 7,
  outcome: "awaits_approval",
  verdicts: [
    {
      project_id: "p1",
      project_name: "Shop",
      pipeline_id: "l1",
      pipeline_name: "Main",
      outcome: "awaits_approval",
      reason: "it comes from the fork mallory/shop and waits",
      can_approve: true,
    },
  ],
};

test("a commit of a fork is approved once its reader was told what it can see", async () => {
  const deliveries = [HELD];
  const daemon = daemonWith(deliveries);
  daemon.more.push([
    /^POST \/v1\/webhook-deliveries\/d2\/verdicts\/l1\/approve$/,
    () => {
      const change = {
        outcome: "built",
        reason: "built #5, approved by ana@example.com",
        can_approve: false,
      } as const;
      const verdicts = HELD.verdicts.map((verdict) => ({ ...verdict, ...change }));
      const delivery: WebhookDelivery = { ...HELD, outcome: "built", verdicts };
      deliveries.splice(0, 1, delivery);
      return { delivery };
    },
  ]);
  const { user, container } = openApp("/settings/deliveries/d2", { daemon });
  await user.click(await screen.findByRole("button", { name: "Approve Main" }));
  const dialog = within(await screen.findByRole("dialog"));
  expect(dialog.getByText(/Commit aaaaaaa, of mallory/)).toBeDefined();
  expect(dialog.getByText("Secrets and variables of the project and the pipeline")).toBeDefined();
  expect(dialog.getByText(/what the user that the runner runs as can/i)).toBeDefined();
  expect(await axeFindings(container)).toEqual([]);
  await user.click(dialog.getByRole("button", { name: "Approve and build" }));
  expect(await screen.findByText("built #5, approved by ana@example.com")).toBeDefined();
  await absent(() => screen.queryByRole("dialog"));
  expect(screen.queryByRole("button", { name: "Approve Main" }) === null).toBe(true);
});

test("an approval that is refused says why and what to do; who may not approve sees no button", async () => {
  const daemon = daemonWith([HELD]);
  const error = "the project does not let forks be built any more";
  const hint = "A maintainer can change that.";
  const path = "POST /v1/webhook-deliveries/d2/verdicts/l1/approve";
  daemon.failOn(path, { status: 409, code: "fork_builds_blocked", error, hint });
  const { user, unmount } = openApp("/settings/deliveries/d2", { daemon });
  await user.click(await screen.findByRole("button", { name: "Approve Main" }));
  await user.click(await screen.findByRole("button", { name: "Approve and build" }));
  expect((await screen.findByRole("alert")).textContent).toBe(`${error}. ${hint}`);
  unmount();
  const verdicts = HELD.verdicts.map((verdict) => ({ ...verdict, can_approve: false }));
  openApp("/settings/deliveries/d2", { daemon: daemonWith([{ ...HELD, verdicts }]) });
  expect(await screen.findByText(/waits$/)).toBeDefined();
  expect(screen.queryByRole("button", { name: "Approve Main" }) === null).toBe(true);
});

test("what no webhook told says how it was found, and has no id at the code host", async () => {
  const found: WebhookDelivery = {
    ...DELIVERY,
    id: "d2",
    provider: "local_git",
    arrived_by: "poll",
    external_id: "poll:1",
  };
  openApp("/settings/deliveries/d2", { daemon: daemonWith([found]) });
  await heading("Local git: commit");
  expect(await screen.findByText("A look at the repository")).toBeDefined();
  expect(screen.queryByText("poll:1")).toBeNull();
});
