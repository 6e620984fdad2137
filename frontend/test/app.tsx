/** Mounts the real route tree over a fake daemon, as a signed-in person or a stranger. For tests only. */
import { createMemoryHistory, RouterProvider } from "@tanstack/react-router";
import { render } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { currentRuntime } from "@/lib/instances/current";
import { makeRouter } from "@/router";
import { FakeDaemon } from "./fake/daemon";
import { NOW } from "./fake/data";

type Options = { daemon?: FakeDaemon; as?: "owner" | "stranger" };

export function openApp(path: string, { daemon = new FakeDaemon(), as = "owner" }: Options = {}) {
  const runtime = currentRuntime();
  runtime.clear();
  runtime.session.drop();
  globalThis.fetch = daemon.fetch as typeof fetch;
  if (as === "owner") runtime.session.start({ token: daemon.token, expiresAt: NOW + 3600, userId: "u1" });
  const router = makeRouter(createMemoryHistory({ initialEntries: [path] }));
  const view = render(<RouterProvider router={router} />);
  return { daemon, router, runtime, user: userEvent.setup(), ...view };
}

/** axe's findings, with the rules that need a real layout left to the browser journeys. */
export async function axeFindings(container: Element): Promise<string[]> {
  const { default: axe } = await import("axe-core");
  const results = await axe.run(container, { rules: { "color-contrast": { enabled: false } } });
  return results.violations.map((item) => `${item.id}: ${item.nodes.map((node) => node.html).join(" | ")}`);
}
