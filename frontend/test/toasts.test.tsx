/** Short messages: whom they are shown to, also when they come late, and which stay when there are many. */
import { expect, spyOn, test } from "bun:test";
import { act, screen, waitFor, within } from "@testing-library/react";
import { toast, toastFailure } from "@/components/ui";
import { addInstance } from "@/lib/instances/registry";
import { type Runtime, runtimeOf } from "@/lib/instances/runtime";
import { openApp } from "./app.tsx";
import { NOW } from "./fake/data.ts";
import { FakeTeam } from "./fake/people.ts";
import { absent, button, heading, requests } from "./find.ts";

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

const END = "DELETE /v1/users/me/sessions/s2";
const NAME = "Firefox on Linux";

/** Ending a session is under way at the page's own instance, and answered when the test says so. */
async function endingSession(answer: () => unknown) {
  const daemon = new FakeTeam();
  const held = Promise.withResolvers<void>();
  daemon.more.unshift([/^DELETE \/v1\/users\/me\/sessions\/s2$/, () => held.promise.then(answer)]);
  const there = runtimeOf(addInstance({ label: "There", url: "https://there.example.com" }));
  const app = openApp("/me/sessions", { daemon });
  there.session.start({ token: daemon.token, expiresAt: NOW + 3600, userId: "u1" });
  await app.user.click(await button(`End the session of ${NAME}`));
  await waitFor(() => expect(requests(daemon, END).length).toBe(1));
  const goTo = async ({ instance }: Runtime) => {
    await act(() => app.router.navigate({ to: "/projects", search: { instance: instance.url } }));
    await button(`Instance ${instance.label}: switch or manage`);
  };
  /** The list is read again right after the message, so that nothing is shown by then is not for lack of time. */
  const release = async () => {
    const after = spyOn(app.runtime.queryClient, "invalidateQueries");
    await act(async () => held.resolve());
    await waitFor(() => expect(after).toHaveBeenCalled());
  };
  return { ...app, there, goTo, release };
}

test("what ends after the person went to another instance waits for them where it was begun", async () => {
  const { goTo, release, runtime, there } = await endingSession(() => ({ ended: 1 }));
  await goTo(there);
  await release();
  expect(told().queryByText(/has ended/) === null).toBe(true);
  await goTo(runtime);
  expect(await told().findByText(`The session of ${NAME} has ended`)).toBeDefined();
  await goTo(there);
  expect(told().queryByText(/has ended/) === null).toBe(true);
  await goTo(runtime);
  expect(told().queryByText(/has ended/) === null).toBe(true);
});

test("what fails after the person went to another instance is not lost, and not said there", async () => {
  const refusal = { error: "The session is not yours", code: "forbidden" };
  const { goTo, release, runtime, there } = await endingSession(() =>
    Response.json(refusal, { status: 403 }),
  );
  await goTo(there);
  await release();
  expect(told().queryByText("The session is not yours") === null).toBe(true);
  await goTo(runtime);
  expect(await told().findByText("The session is not yours")).toBeDefined();
});

test("what one person began is not told to the next one at the same instance", async () => {
  const { runtime, daemon, release } = await endingSession(() => ({ ended: 1 }));
  await act(async () => {
    runtime.session.start({ token: daemon.token, expiresAt: NOW + 3600, userId: "u2" });
  });
  await release();
  await act(async () => toast("Something of theirs"));
  expect(await told().findByText("Something of theirs")).toBeDefined();
  expect(told().queryByText(/has ended/) === null).toBe(true);
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
