/** Enter pressed twice sends once. Over the real route tree, with real keys. */
import { expect, test } from "bun:test";
import { screen, waitFor, within } from "@testing-library/react";
import { openApp } from "./app.tsx";
import { NOW } from "./fake/data.ts";
import { FakeOperations } from "./fake/operations.ts";
import { button, requests } from "./find.ts";

test("Enter twice makes one token", async () => {
  const daemon = new FakeOperations();
  const made = Promise.withResolvers<object>();
  daemon.more.unshift([/^POST \/v1\/api-tokens$/, () => made.promise]);
  const { user } = openApp("/me/tokens", { daemon });
  await user.click(await button("New token"));
  const name = await screen.findByRole("textbox", { name: "Name" });
  await user.type(name, "nightly{Enter}{Enter}");
  await user.type(name, "{Enter}");
  expect(requests(daemon, "POST /v1/api-tokens").length).toBe(1);
  made.resolve({
    id: "t1",
    name: "nightly",
    token: "oore_pat_x",
    prefix: "x",
    role: "developer",
    created_at: NOW,
  });
  expect(await screen.findByText("oore_pat_x")).toBeDefined();
  expect(requests(daemon, "POST /v1/api-tokens").length).toBe(1);
});

test("Enter in a typed question counts once too", async () => {
  const daemon = new FakeOperations();
  const gone = Promise.withResolvers<object>();
  daemon.more.unshift([/^DELETE \/v1\/projects\/p1$/, () => gone.promise]);
  const { user, router } = openApp("/projects/p1/settings", { daemon });
  await user.click(await button("Delete project"));
  const dialog = within(await screen.findByRole("dialog"));
  await user.type(dialog.getByRole("textbox"), "Shop app{Enter}{Enter}");
  expect(requests(daemon, "DELETE /v1/projects/p1").length).toBe(1);
  gone.resolve({ ok: true });
  await waitFor(() => expect(router.state.location.pathname).toBe("/projects"));
});
