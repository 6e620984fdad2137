/** What tests of pages look for, on the page and in what the fake daemon was asked. For tests only. */
import { expect, spyOn } from "bun:test";
import { screen, waitFor } from "@testing-library/react";
import type { UserEvent } from "@testing-library/user-event";
import type { FakeDaemon } from "./fake/daemon";

export const heading = (name: string | RegExp) => screen.findByRole("heading", { level: 1, name });
export const button = (name: string | RegExp) => screen.findByRole("button", { name });

/** Not by toBeNull: printing an element of a page takes longer than a test may. */
export const absent = (find: () => HTMLElement | null) => waitFor(() => expect(find() === null).toBe(true));

/** What was asked; `start` is "METHOD /path". */
export const requests = (daemon: FakeDaemon, start: string) =>
  daemon.seen.filter((line) => line.startsWith(start));

/** Where the browser was sent; it stays on the page. */
export function departures() {
  const assign = spyOn(window.location, "assign").mockImplementation(() => undefined);
  return { to: () => assign.mock.calls.map(([address]) => String(address)), end: () => assign.mockRestore() };
}

/** Saves an edited pipeline, past the look at what changes. */
export async function savePipeline(user: UserEvent): Promise<void> {
  await user.click(await button("Save pipeline"));
  await user.click(await button("Save these changes"));
}

/** Puts a long text into a field at once: letter by letter takes long on a page that answers to each. */
export async function enter(user: UserEvent, field: HTMLElement, text: string): Promise<void> {
  await user.click(field);
  await user.paste(text);
}
