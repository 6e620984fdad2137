/** What is done with lines of a log: selected by keys, copied with their colours, opened as plain text; and what stands in the place of none. */
import { beforeEach, expect, spyOn, test } from "bun:test";
import { screen, waitFor } from "@testing-library/react";
import { openApp } from "./app.tsx";
import { daemonWith, RED_LOG, redDaemon, withLogs } from "./fake/builds.ts";
import { aBuild } from "./fake/data.ts";

beforeEach(withLogs);

const region = () => screen.findByRole("region", { name: "Build log" });
const selected = () => document.querySelectorAll(".log-selected").length;

test("Shift with an arrow selects lines from the first one that is seen, more and less of them", async () => {
  const { user, router } = openApp("/builds/b1?view=log", { daemon: redDaemon() });
  await screen.findByText(/HEAD is now/, { selector: ".log-row *" });
  const hash = () => router.state.location.hash;
  (await region()).focus();
  await user.keyboard("{Shift>}{ArrowDown}{/Shift}");
  await waitFor(() => expect(hash()).toBe("L1"));
  expect(router.state.location.search).toMatchObject({ step: "checkout" });
  await user.keyboard("{Shift>}{ArrowDown}{/Shift}");
  expect(hash()).toBe("L1");
  await router.navigate({ to: ".", search: { step: "build-1" }, hash: "L1" });
  await waitFor(() => expect(selected()).toBe(1));
  await user.keyboard("{Shift>}{ArrowDown}{/Shift}");
  await waitFor(() => expect([hash(), selected()]).toEqual(["L1-L2", 2]));
  await user.keyboard("{Shift>}{ArrowUp}{/Shift}");
  await waitFor(() => expect([hash(), selected()]).toEqual(["L1", 1]));
});

test("the keys of the log are told to those who can't see it", async () => {
  openApp("/builds/b1?view=log", { daemon: redDaemon() });
  const hint = (await region()).getAttribute("aria-describedby") ?? "";
  expect(document.getElementById(hint)?.textContent).toBe("Arrow keys scroll. With Shift they select lines.");
});

test("lines are copied with their colours, which end with them", async () => {
  const text = RED_LOG.replace("lib/main", "\x1b[31mlib/main");
  const { user } = openApp("/builds/b1?view=log&step=build-1#L2", {
    daemon: daemonWith([aBuild()], { text }),
  });
  await waitFor(() => expect(selected()).toBe(1));
  await user.click(screen.getByRole("button", { name: "Copy" }));
  await user.click(await screen.findByRole("menuitem", { name: "Copy with colours" }));
  await screen.findByText("Copied");
  expect(await navigator.clipboard.readText()).toBe("\x1b[31mlib/main.dart:3:1: Error: Expected ';'.\x1b[0m");
});

test("the log is opened as plain text in another tab, its steps as headings", async () => {
  const { user } = openApp("/builds/b1?view=log", { daemon: redDaemon() });
  const made: Blob[] = [];
  const url = spyOn(URL, "createObjectURL").mockImplementation((blob) => {
    made.push(blob as Blob);
    return "blob:the-log";
  });
  const replace = spyOn({ replace: (_: string) => {} }, "replace");
  const tab = { opener: window, location: { replace } };
  const open = spyOn(window, "open").mockImplementation(() => tab as unknown as Window);
  await user.click(await screen.findByRole("button", { name: "Open as plain text" }));
  await waitFor(() => expect(replace).toHaveBeenCalledWith("blob:the-log"));
  expect(tab.opener as unknown).toBeNull();
  expect(await made[0]?.text()).toBe(
    [
      "",
      "== checkout · Passed ==",
      "HEAD is now at 4f2a9c1",
      "",
      "== build-1 · flutter build apk · Failed ==",
      "$ flutter build apk",
      "lib/main.dart:3:1: Error: Expected ';'.",
      "",
    ].join("\n"),
  );
  open.mockImplementation(() => null);
  await user.click(screen.getByRole("button", { name: "Open as plain text" }));
  await screen.findByText("The browser opened no tab. Allow this page to open one.");
  open.mockRestore();
  url.mockRestore();
});

test("a build that ended before it printed anything says why", async () => {
  for (const [status, words] of [
    ["canceled", "This build was canceled before it printed anything."],
    ["expired", "This build waited too long and never began."],
    ["succeeded", "This build ended without printing anything."],
  ] as const) {
    const { unmount } = openApp("/builds/b1?view=log", { daemon: daemonWith([aBuild({ status })]) });
    await screen.findByText(words);
    unmount();
  }
});
