/** The bell in the header and its list of incidents, over the real route tree. */
import { expect, test } from "bun:test";
import { screen, waitFor, within } from "@testing-library/react";
import { axeFindings, openApp } from "./app.tsx";
import { anIncident, FakeHosts } from "./fake/sources.ts";
import { button } from "./find.ts";

test("the header counts unread incidents, follows the stream, and marks them as read", async () => {
  const daemon = new FakeHosts();
  const { user, router, container } = openApp("/projects", { daemon });
  await button("Incidents: nothing new");
  await waitFor(() => expect(daemon.openStreams).toBe(1));
  daemon.incidents = [anIncident(), anIncident({ id: "n2", severity: "critical", reason: "rejected" })];
  daemon.emit("sources", {});
  const bell = await button("2 unread incidents, one is critical");
  await user.click(bell);
  const list = within(await screen.findByRole("dialog", { name: "Incidents" }));
  expect(list.getByText("The code host refuses its credential. Builds can't start.")).toBeDefined();
  expect(await axeFindings(container)).toEqual([]);
  await user.click(list.getAllByRole("button", { name: "Mark as read: acme at GitLab" })[1] as HTMLElement);
  await button("1 unread incident, with a warning");
  await user.keyboard("{Escape}");
  expect(screen.queryByRole("dialog") === null).toBe(true);
  expect(document.activeElement).toBe(bell);
  await user.click(bell);
  await user.click((await screen.findAllByRole("link", { name: "acme at GitLab" }))[0] as HTMLElement);
  await waitFor(() => expect(router.state.location.pathname).toBe("/settings/integrations/s1"));
  expect(screen.queryByRole("dialog") === null).toBe(true);
});

test("a mark that the server refuses is taken back, with its reason", async () => {
  const daemon = new FakeHosts();
  daemon.incidents = [anIncident()];
  daemon.failOn("POST /v1/operator-incidents/n1/read", {
    status: 404,
    code: "not_found",
    error: "it is gone",
  });
  const { user } = openApp("/projects", { daemon });
  await user.click(await button("1 unread incident, with a warning"));
  await user.click(await button("Mark as read: acme at GitLab"));
  expect(await screen.findByText("it is gone")).toBeDefined();
  expect(await button("1 unread incident, with a warning")).toBeDefined();
});

test("a mark that reaches nobody is taken back, though the list can't be read anew", async () => {
  const daemon = new FakeHosts();
  daemon.incidents = [anIncident()];
  const { user } = openApp("/projects", { daemon });
  await user.click(await button("1 unread incident, with a warning"));
  daemon.failOn("POST /v1/operator-incidents/n1/read", { status: 0, code: "" });
  daemon.failOn("GET /v1/operator-incidents", { status: 0, code: "" });
  await user.click(await button("Mark as read: acme at GitLab"));
  expect(await screen.findByText(/did not answer|not answer/)).toBeDefined();
  expect(await button("Mark as read: acme at GitLab")).toBeDefined();
  expect(await button("1 unread incident, with a warning")).toBeDefined();
});

test("incidents that can't be read say so in their list, and the rest of the page stands", async () => {
  const daemon = new FakeHosts();
  daemon.failOn("GET /v1/operator-incidents", { status: 500, code: "store_error" });
  const { user } = openApp("/projects", { daemon });
  const bell = await button("Incidents could not be loaded");
  expect(bell.textContent).toBe("!");
  await user.click(bell);
  expect(await screen.findByText("Could not load incidents")).toBeDefined();
  expect(screen.getByRole("link", { name: "Shop app" })).toBeDefined();
});
