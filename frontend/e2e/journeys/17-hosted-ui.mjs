/**
 * The hosted build from a plain web host, cross-origin to its daemons: it begins with the list, works where its origin is
 * allowed, says what is missing where it is not, and neither stores anything with the host nor takes a link at its word.
 */
import assert from "node:assert/strict";
import { IdentityProvider, proveOneself } from "../support/identity-provider.mjs";
import {
  anotherDaemon,
  deadAddress,
  enterAddress,
  instanceRow,
  sessionsOf,
  watchTokens,
} from "../support/instances.mjs";
import { log, waitForLine, waitForStatus } from "../support/pages.mjs";
import { owned } from "../support/provider-owner.mjs";
import { makeRepository, pipelineFile } from "../support/repository.mjs";
import { StaticHost } from "../support/static-host.mjs";
import { Streams } from "../support/streams.mjs";

const heading = (page, name) => page.getByRole("heading", { level: 1, name });
const shell = (page) => page.getByRole("navigation", { name: "Main" }).first().waitFor();

/** What is no file of the build is answered with its page, so asking for an API there would be seen here. */
const askedForApi = (host) => host.asked.filter((path) => /^\/(v1|healthz|docs|openapi)/.test(path));

async function hosted(stage) {
  const host = stage.neighbour(await StaticHost.startWithUi());
  const { root } = await stage.startDaemon({ OORE_CORS_ORIGINS: host.origin });
  const closed = await anotherDaemon(stage);
  const files = { ".oore.yaml": pipelineFile(["echo hello from afar; mkdir out; echo x > out/x"]) };
  const place = await stage.api.project(makeRepository(root, "shop", "Begin", files), "Shop app");
  const { id } = await stage.api.run(place);
  await stage.api.ended(id);
  stage.tolerate(/CORS policy|net::ERR_/);

  const page = await stage.openPage();
  const sent = watchTokens(page.context());
  await page.goto(`${host.origin}/`);
  await heading(page, "Instances").waitFor();
  await page.getByText("No instance yet").waitFor();
  await stage.stop("no instance");
  await enterAddress(page, closed.origin);
  await page.getByText("The instance does not allow this page to call it").waitFor();
  await page.getByRole("alert").getByText(host.origin, { exact: true }).waitFor();
  await stage.stop("origin not allowed");
  await enterAddress(page, await deadAddress(stage));
  await page.getByText("Nothing answers at this address").waitFor();
  await stage.stop("nobody there");

  await enterAddress(page, stage.daemon.origin, "At home");
  await page.getByText("At home was added.").first().waitFor();
  await page.getByRole("button", { name: "Open At home" }).first().click();
  await shell(page);
  const named = () => new URL(page.url()).searchParams.get("instance");
  assert.equal(named(), stage.daemon.origin);
  await stage.stop("home");
  await page.getByRole("link", { name: "Projects" }).first().click();
  await page.getByRole("link", { name: "Shop app" }).first().click();
  await heading(page, "Shop app").waitFor();
  assert.equal(named(), stage.daemon.origin, "links name the instance");
  await stage.stop("a project");
  await page.goto(`${host.origin}/builds/${id}?view=log&instance=${encodeURIComponent(stage.daemon.origin)}`);
  await waitForStatus(page, "Passed");
  await log(page).waitFor();
  await waitForLine(page, "hello from afar");
  await stage.stop("a log, read by its worker under the policy of the page");
  await page.reload();
  await waitForLine(page, "hello from afar");
  await page.getByRole("status").getByText("Live", { exact: true }).first().waitFor();

  const streams = new Streams(page.context());
  const { [stage.daemon.origin]: token } = await sessionsOf(page);
  const second = await page.context().newPage();
  stage.watch(second);
  await second.goto(page.url());
  await waitForStatus(second, "Passed");
  assert.equal((await sessionsOf(second))[stage.daemon.origin], token, "a new tab takes the session over");
  assert.deepEqual(streams.resumed, [], "and the stream too");

  for (const origins of sent.origins()) assert.deepEqual(origins, [stage.daemon.origin]);
  assert.deepEqual(askedForApi(host), [], "the host is asked for files only");

  // Somebody else gets the link.
  const other = await stage.openPage();
  const asked = [];
  other.on("request", (request) => asked.push(new URL(request.url()).origin));
  await other.goto(page.url());
  await other.getByText("Add the instance of this link?").waitFor();
  await other.getByText(stage.daemon.origin, { exact: true }).waitFor();
  await stage.stop("a link to an instance that is not known");
  assert.deepEqual([...new Set(asked)], [host.origin], "nothing was sent to it");
  await other.getByRole("button", { name: "Check and add" }).first().click();
  await waitForStatus(other, "Passed");

  // The origin is taken off the list: the page says so, wherever it is.
  await stage.api.send("PUT", "/v1/settings/external-access/network", { allowed_origins: [] });
  await other.goto(`${host.origin}/connect`);
  await instanceRow(other, new URL(stage.daemon.origin).host).getByText("Does not allow this page").waitFor();
  await stage.stop("no longer allowed");
}

/** There and back through a provider: the answer comes to the host, and the tab knows which instance it is for. */
async function throughTheProvider(stage) {
  const host = stage.neighbour(await StaticHost.startWithUi());
  const { origin } = await stage.startDaemon({ OORE_CORS_ORIGINS: host.origin });
  const places = [origin, host.origin].map((place) => `${place}/auth/callback`);
  const provider = stage.neighbour(await IdentityProvider.start(places));
  await owned(stage, provider);
  // The provider's own pages.
  stage.tolerate(/favicon\.ico/);
  const page = await stage.openPage();
  await page.goto(`${host.origin}/runners?instance=${encodeURIComponent(origin)}`);
  await page.getByRole("button", { name: "Check and add" }).first().click();
  await page.getByRole("button", { name: "Continue to the identity provider" }).click();
  await proveOneself(page, "olga");
  await heading(page, "Runners").waitFor();
  assert.equal(page.url(), `${host.origin}/runners?instance=${encodeURIComponent(origin)}`);
  await stage.stop("signed in through the provider");
}

async function looks(stage) {
  const host = stage.neighbour(await StaticHost.startWithUi());
  await stage.startDaemon({ OORE_CORS_ORIGINS: host.origin });
  for (const colorScheme of ["light", "dark"]) {
    for (const [width, height] of [
      [1440, 900],
      [390, 844],
    ]) {
      const page = await stage.openPage({ width, height, colorScheme });
      await page.goto(`${host.origin}/builds?status=failed`);
      await page.getByText("No instance yet").waitFor();
      await stage.stop(`begin ${colorScheme} ${width}`);
      await enterAddress(page, stage.daemon.origin);
      await page.getByText("was added.").first().waitFor();
      // It leads on to where the person wanted.
      await page
        .getByRole("button", { name: /^Open / })
        .first()
        .click();
      await heading(page, "Builds").waitFor();
      assert.equal(new URL(page.url()).searchParams.get("status"), "failed");
      await stage.stop(`builds ${colorScheme} ${width}`);
      await page.context().close();
    }
  }
}

export const journeys = [
  { name: "hosted UI: from a plain web host", run: hosted },
  { name: "hosted UI: through an identity provider", run: throughTheProvider },
  { name: "hosted UI: looks", run: looks },
];
