/** Parts that are fetched when they are asked for, and can't be had: on a small page, as no chunk of a real one is ever lost in a test. */
import { expect, spyOn, test } from "bun:test";
import { createMemoryHistory, createRootRoute, createRouter, RouterProvider } from "@tanstack/react-router";
import { render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { onRequest, Toaster } from "@/components/ui";
import { absent, button } from "./find.ts";

type PartProps = { onClose: () => void };

const LOST = new TypeError("Failed to fetch dynamically imported module: /assets/c-1.js");

function Closing({ onClose }: PartProps) {
  return (
    <button type="button" onClick={onClose}>
      Close the part
    </button>
  );
}

/** A page with a field, and a part that `load` brings. */
function openPage(load: () => Promise<{ default: (props: PartProps) => React.ReactNode }>) {
  const Part = onRequest<PartProps>(load);
  function Page() {
    const [isOpen, setOpen] = useState(false);
    return (
      <>
        <input aria-label="Notes" />
        <button type="button" onClick={() => setOpen(true)}>
          Open
        </button>
        {isOpen && <Part onClose={() => setOpen(false)} />}
        <Toaster />
      </>
    );
  }
  const routeTree = createRootRoute({ component: Page });
  const history = createMemoryHistory({ initialEntries: ["/"] });
  render(<RouterProvider router={createRouter({ routeTree, history }) as never} />);
  return userEvent.setup();
}

test("a part that is lost is said, loses nothing typed, and is fetched anew when it is asked for again", async () => {
  const reload = spyOn(window.location, "reload").mockImplementation(() => undefined);
  let isLost = true;
  const user = openPage(async () => {
    if (isLost) throw LOST;
    return { default: Closing };
  });
  const notes = await screen.findByRole<HTMLInputElement>("textbox", { name: "Notes" });
  await user.type(notes, "long text");
  await user.click(await button("Open"));
  const told = within(screen.getByRole("region", { name: "Notifications" }));
  expect((await told.findAllByText(/could not be loaded/)).length).toBe(1);
  expect(notes.isConnected && notes.value).toBe("long text");
  expect(reload).not.toHaveBeenCalled();
  isLost = false;
  await user.click(await button("Open"));
  await user.click(await button("Close the part"));
  await absent(() => screen.queryByRole("button", { name: "Close the part" }));
  reload.mockRestore();
});
