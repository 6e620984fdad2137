/** Several daemons of one journey, and what a person does with them in the browser. */
import { Api } from "./api.mjs";
import { Daemon } from "./daemon.mjs";
import { freePort } from "./port.mjs";

/** Another daemon beside the stage's own, with its API. */
export async function anotherDaemon(stage, settings = {}) {
  const daemon = stage.neighbour(await Daemon.start(settings));
  return { daemon, origin: daemon.origin, api: new Api(daemon.origin) };
}

/** An address of this machine at which nobody is. */
export async function deadAddress(stage) {
  const port = await freePort();
  stage.neighbour({ owns: (asked) => asked === port, stop: async () => undefined });
  return `http://localhost:${port}`;
}

export const list = (page) => page.getByRole("list", { name: "Known instances" });

export const instanceRow = (page, label) => list(page).getByRole("listitem").filter({ hasText: label });

export async function enterAddress(page, address, label = "") {
  await page.getByRole("textbox", { name: "Address" }).fill(address);
  await page.getByRole("textbox", { name: /^Name/ }).fill(label);
  await page.getByRole("button", { name: "Check and add" }).last().click();
}

/** The session that the tab holds for each instance, by the instance's address. */
export function sessionsOf(page) {
  return page.evaluate(() => {
    const known = JSON.parse(localStorage.getItem("oore.instances") ?? "[]");
    const tokenOf = (id) => JSON.parse(sessionStorage.getItem(`oore.session.${id}`) ?? "null")?.token ?? null;
    return Object.fromEntries(known.map(({ id, url }) => [url, tokenOf(id)]));
  });
}

/** Which tokens went to which origin; none may ever go to two. */
export function watchTokens(context) {
  const sent = new Map();
  context.on("request", (request) => {
    const token = request.headers().authorization?.replace(/^Bearer /, "");
    if (!token) return;
    const { origin } = new URL(request.url());
    sent.set(token, (sent.get(token) ?? new Set()).add(origin));
  });
  return { origins: () => [...sent.values()].map((origins) => [...origins]), tokens: () => [...sent.keys()] };
}
