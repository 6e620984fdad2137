/** The shared ticker: however often something that shows a time is drawn, it is asked for the time once. */
import { expect, spyOn, test } from "bun:test";
import { render } from "@testing-library/react";
import { RunningDuration, TimeAgo } from "@/components/ui";

test("drawing anew does not start the ticker anew", () => {
  const start = spyOn(globalThis, "setInterval");
  const view = render(<RunningDuration since={0} />);
  for (let since = 1; since < 20; since++) view.rerender(<RunningDuration since={since} />);
  expect(start.mock.calls.filter(([, every]) => every === 1_000).length).toBe(1);
  view.unmount();
  start.mockRestore();
});

test("what has just happened is never to come, even when the ticker or this machine is behind; an end may be", () => {
  const at = Math.floor(Date.now() / 1000) + 15;
  const view = render(<TimeAgo at={at} />);
  expect(view.container.textContent).toBe("just now");
  view.rerender(<TimeAgo ahead at={at + 3600} />);
  expect(view.container.textContent).toBe("in 1 hr");
  view.unmount();
});
