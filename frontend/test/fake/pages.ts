/** The addresses of every page in the shell, of what the fake daemon has: those of the route tree. For tests only. */
import { createMemoryHistory } from "@tanstack/react-router";
import { makeRouter } from "@/router";

/** What stands in an address for what. */
const IDS: Record<string, string> = {
  projectId: "p1",
  pipelineId: "l1",
  buildId: "b1",
  otherId: "b2",
  runnerId: "r1",
  integrationId: "s1",
  deliveryId: "d1",
  channelId: "n1",
};
const WITHOUT_SHELL = ["/auth/again", "/auth/callback", "/connect", "/login", "/setup", "/start"];

const router = makeRouter(createMemoryHistory({ initialEntries: ["/"] }));
const fromTree = Object.keys(router.routesByPath)
  .filter((path) => !WITHOUT_SHELL.includes(path))
  .map((path) => path.replace(/\$(\w+)/g, (_, name) => idOf(name)).replace(/(.)\/$/, "$1"));

/** A new channel has the address of a channel. */
export const PAGES = [...fromTree, "/settings/notifications/new"];

/** Those that ask the daemon for what they show. */
export const PAGES_WITH_DATA = PAGES.filter((path) => path !== "/me/shortcuts");

function idOf(name: string): string {
  const id = IDS[name];
  if (!id) throw new Error(`what stands for $${name}?`);
  return id;
}
