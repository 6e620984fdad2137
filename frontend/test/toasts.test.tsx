/** Short messages: whom they are shown to, and which stay when there are many. */
import { expect, test } from "bun:test";
import { act, screen, within } from "@testing-library/react";
import { toast, toastFailure } from "@/components/ui";
import { addInstance } from "@/lib/instances/registry";
import { runtimeOf } from "@/lib/instances/runtime";
import { openApp } from "./app.tsx";
import { NOW } from "./fake/data.ts";
import { absent, button, heading } from "./find.ts";

const told = () => within(screen.getByRole("region", { name: "Notifications" }));

const say = (speak: () => void) => act(async () => speak());

test("what was said of one instance is not shown on another, where its link would lead astray", async () => {
  const there = runtimeOf(addInstance({ label: "There", url: "https://there.example.com" }));
  const { router, daemon } = openApp("/projects");
  there.session.start({ token: daemon.token, expiresAt: NOW + 3600, userId: "u1" });
  await screen.findByRole("link", { name: "Shop app" });
  await say(() => toast("Build #1 queued", { label: "Open it", to: { to: "/builds" } }));
  expect(await told().findByRole("link", { name: "Open it" })).toBeDefined();
  await router.navigate({ to: "/projects", search: { instance: there.instance.url } });
  await button("Instance There: switch or manage");
  await absent(() => screen.queryByText("Build #1 queued"));
});

test("an error is gone with the session of whom it was told", async () => {
  const { user } = openApp("/projects");
  await screen.findByRole("link", { name: "Shop app" });
  await say(() => toastFailure("The project is locked"));
  expect(await told().findByText("The project is locked")).toBeDefined();
  await user.click(await button("Account and appearance"));
  await user.click(await screen.findByRole("menuitem", { name: "Sign out" }));
  await user.click(await button("Sign in on this machine"));
  await heading("Home");
  await absent(() => screen.queryByText("The project is locked"));
});

test("good news makes room, errors stay until they are dismissed", async () => {
  openApp("/projects");
  await screen.findByRole("link", { name: "Shop app" });
  await say(() => {
    toastFailure("First error");
    for (const number of [1, 2, 3]) toast(`Good news ${number}`);
    toastFailure("Second error");
  });
  expect(await told().findByText("Second error")).toBeDefined();
  expect(told().getByText("First error")).toBeDefined();
  expect(
    told()
      .queryAllByText(/Good news/)
      .map((item) => item.textContent),
  ).toEqual(["Good news 3"]);
  await say(() => {
    toastFailure("Third error");
    toast("Good news 4");
  });
  expect(await told().findByText("Good news 4")).toBeDefined();
  expect(told().getByText("First error")).toBeDefined();
});
