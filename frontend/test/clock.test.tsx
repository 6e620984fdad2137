/** The shared ticker: however often something that shows a time is drawn, it is asked for the time once. */
import { expect, spyOn, test } from "bun:test";
import { render } from "@testing-library/react";
import { RunningDuration } from "@/components/ui";

test("drawing anew does not start the ticker anew", () => {
  const start = spyOn(globalThis, "setInterval");
  const view = render(<RunningDuration since={0} />);
  for (let since = 1; since < 20; since++) view.rerender(<RunningDuration since={since} />);
  expect(start.mock.calls.filter(([, every]) => every === 1_000).length).toBe(1);
  view.unmount();
  start.mockRestore();
});
