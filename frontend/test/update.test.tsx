/** A new version of the daemon under an open page: said, reloaded once where chunks are gone, never in a loop. */
import { expect, spyOn, test } from "bun:test";
import { screen } from "@testing-library/react";
import { reloadOnce } from "@/components/shell/route-error";
import { axeFindings, openApp } from "./app.tsx";
import { button, heading } from "./find.ts";

const LOST = new TypeError("Failed to fetch dynamically imported module: /assets/c-1.js");

test("another version is said, with the way to it", async () => {
  const { daemon, container, user } = openApp("/projects");
  await heading("Projects");
  await screen.findAllByText("Live");
  await screen.findByRole("link", { name: "Runners" });
  daemon.emit("hello", { instance_id: "i1", version: "0.3.0" });
  const reload = spyOn(window.location, "reload").mockImplementation(() => undefined);
  const offer = await button("Reload");
  expect(screen.getAllByText("A new version of Oore CI is running.").length).toBe(1);
  expect(await axeFindings(container)).toEqual([]);
  await user.click(offer);
  expect(reload).toHaveBeenCalledTimes(1);
  reload.mockRestore();
});

test("a chunk that is gone reloads the page once; other errors never do", () => {
  const reload = spyOn(window.location, "reload").mockImplementation(() => undefined);
  expect(reloadOnce(new Error("undefined is not a function"))).toBe(false);
  expect(reloadOnce(LOST)).toBe(true);
  expect(reloadOnce(LOST)).toBe(false);
  expect(reload).toHaveBeenCalledTimes(1);
  reload.mockRestore();
});
