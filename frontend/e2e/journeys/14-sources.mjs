/**
 * Code hosts: GitHub by the way that makes and installs an app, GitLab by a token; a project from a repository, a webhook's
 * secret, a token that ends, disconnecting. The hosts are models over HTTP, the pages and the daemon are the real ones.
 */
import assert from "node:assert/strict";
import { Api } from "../support/api.mjs";
import { APPLICATION_SECRET, CodeHosts, GITLAB_TOKEN } from "../support/code-hosts.mjs";
import { arrive } from "../support/pages.mjs";
import { makeRepository, pipelineFile } from "../support/repository.mjs";
import { openSetUp } from "../support/set-up.mjs";
import { dialog, toast } from "../support/widgets.mjs";

const SECRET = "the proxy's secret of this journey";
const OWNER = "owner@example.com";

/** An instance for many machines, its owner signed in through the proxy, and the hosts beside it. */
async function instance(stage) {
  const { root } = await stage.startDaemon();
  const repository = makeRepository(root, "shop", "first commit", {
    ".oore.yaml": pipelineFile(["true"]),
    "apps/shop/pubspec.yaml": "name: shop\ndependencies:\n  flutter:\n    sdk: flutter\n",
    "apps/shop/android/app/build.gradle": "productFlavors {\n dev {}\n}\n",
    "packages/ui/pubspec.yaml": "name: ui\ndependencies:\n  flutter:\n    sdk: flutter\n",
  });
  const hosts = stage.neighbour(await CodeHosts.start(repository));
  const proxy = await stage.startProxy();
  Object.assign(proxy, { user: OWNER, secret: SECRET });
  await setUp(stage, proxy);
  const page = await stage.openPage();
  await page.goto(`${proxy.origin}/login`);
  await page.getByRole("button", { name: "Sign in through the proxy" }).click();
  await page.getByRole("navigation", { name: "Main" }).first().waitFor();
  return { hosts, page, origin: proxy.origin };
}

async function setUp(stage, proxy) {
  const session = await openSetUp(stage);
  const modes = { runtime_mode: "remote", remote_auth_mode: "trusted_proxy" };
  await session.send("POST", "/v1/setup/preferences", modes);
  await session.send("POST", "/v1/setup/trusted-proxy/configure", { shared_secret: SECRET });
  const throughProxy = new Api(proxy.origin).as(session.token);
  await throughProxy.send("POST", "/v1/setup/owner/claim-trusted-proxy");
  await session.send("POST", "/v1/setup/complete", {});
}

/** The page as it is, in both themes and at three widths. */
async function looks(stage, page, label) {
  for (const colorScheme of ["dark", "light"]) {
    await page.emulateMedia({ colorScheme });
    for (const width of [320, 390, 1280]) {
      await page.setViewportSize({ width, height: 844 });
      await stage.stop(`${label} ${colorScheme} ${width}`);
    }
  }
}

async function github(stage) {
  const { hosts, page, origin } = await instance(stage);
  await page.getByText("Four steps from a code host to a build.").waitFor();
  await stage.stop("first steps");
  await page.getByRole("link", { name: "Connect a source" }).click();
  await page.getByRole("radio", { name: "GitHub Enterprise Server" }).check();
  await page.getByRole("textbox", { name: "Address of GitHub Enterprise" }).fill(hosts.origin);
  const hook = page.getByRole("textbox", { name: "Webhook address" });
  assert.equal(await hook.inputValue(), `${origin}/v1/webhooks/github`);
  await looks(stage, page, "connect GitHub");
  await page.getByRole("button", { name: "Go on to GitHub" }).click();
  await page.getByRole("link", { name: "Create GitHub App" }).waitFor();

  // Back before anything was made: what was typed is still there.
  await page.goto(`${origin}/settings/integrations/new`);
  await page.getByText("You went to GitHub and did not come back yet").waitFor();
  await stage.stop("went to GitHub");
  await page.getByRole("button", { name: "Go on to GitHub" }).click();
  await page.getByRole("link", { name: "Create GitHub App" }).click();
  assert.equal(hosts.manifest.hook_attributes.url, `${origin}/v1/webhooks/github`);
  await page.getByRole("link", { name: "Install" }).click();
  await page.waitForURL("**/settings/integrations/*?installed=true");
  await page.getByText("One repository can be built.").waitFor();
  await page.locator("img[src^='blob:']").waitFor();
  await stage.stop("GitHub is connected");
  await looks(stage, page, "a source");

  await page.getByRole("link", { name: "New project from acme/shop" }).click();
  await page.getByRole("button", { name: "Choose acme/shop" }).click();
  await stage.stop("new project from a repository");
  await page.getByRole("group", { name: "shop (apps/shop)" }).waitFor();
  await page.getByRole("checkbox", { name: "Main", exact: true }).waitFor();
  await page.getByText("One pipeline is chosen.").waitFor();
  await page.getByRole("checkbox", { name: "shop: Debug APK (dev)" }).check();
  await stage.stop("what a repository holds");
  await looks(stage, page, "what a repository holds");
  await page.getByRole("button", { name: "Create project" }).click();
  await toast(page, "Project shop created").waitFor();
  await page.getByRole("button", { name: "Run shop: Debug APK (dev)" }).waitFor();
  await stage.stop("pipelines from a repository");

  await page.goto(`${origin}/settings/integrations`);
  await page.getByRole("list", { name: "Sources" }).getByRole("link").click();
  await page.getByRole("button", { name: "Disconnect" }).click();
  await dialog(page).getByText("The app stays at GitHub").waitFor();
  await stage.stop("what disconnecting takes away");
  await dialog(page).getByRole("button", { name: "Disconnect" }).click();
  await page.getByText("No code host is connected yet").waitFor();
  await stage.stop("no sources");
  assert.deepEqual(hosts.unknown, []);
}

async function gitlab(stage) {
  stage.tolerate(/status of (400|409) .*v1\/integrations/);
  const { hosts, page, origin } = await instance(stage);
  await page.goto(`${origin}/settings/integrations/new?provider=gitlab`);
  await page.getByRole("textbox", { name: "Address of GitLab" }).fill(hosts.origin);
  const token = page.getByRole("textbox", { name: "Access token" });
  await token.fill("glpat-wrong");
  await page.getByRole("button", { name: "Connect GitLab" }).click();
  await page.getByRole("alert").waitFor();
  await stage.stop("a token that GitLab refuses");
  await token.fill(GITLAB_TOKEN);
  await page.getByRole("button", { name: "Connect GitLab" }).click();
  await page.waitForURL("**/settings/integrations/*?installed=true");
  await page.getByText("One repository can be built.").waitFor();
  await page.locator("img[src^='blob:']").waitFor();
  await stage.stop("GitLab is connected");
  const stored = await page.evaluate(() => JSON.stringify({ ...localStorage, ...sessionStorage }));
  assert.ok(!stored.includes(GITLAB_TOKEN) && !stored.includes("glpat-wrong"));

  await page.getByRole("button", { name: "Webhook of acme/shop" }).click();
  await dialog(page).getByRole("button", { name: "Make a new secret" }).click();
  await dialog(page)
    .getByText(/^oore_[0-9a-f]{64}$/)
    .waitFor();
  await dialog(page).getByText(`${origin}/v1/webhooks/gitlab`).waitFor();
  await stage.stop("the secret of a webhook");
  await dialog(page).getByRole("button", { name: "I have put it in" }).click();

  // The token ends at GitLab: found on request, told in the header, repaired by another one.
  hosts.goodToken = "glpat-00000000000000000002";
  await page.getByRole("button", { name: "Check now" }).click();
  await page.getByText("Refused by GitLab").waitFor();
  await page.getByText("This source does not work").waitFor();
  await page.getByRole("button", { name: "1 unread incident, one is critical" }).click();
  await looks(stage, page, "an incident");
  await dialog(page)
    .getByRole("button", { name: /^Mark as read/ })
    .click();
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Incidents: nothing new" }).waitFor();
  await page.getByRole("button", { name: "Replace token" }).click();
  await dialog(page).getByRole("textbox", { name: "Access token" }).fill(hosts.goodToken);
  await stage.stop("another token");
  await dialog(page).getByRole("button", { name: "Replace token" }).click();
  await toast(page, "The token is replaced and works.").waitFor();
  await page.getByText("This source does not work").waitFor({ state: "detached" });
  await stage.stop("repaired");
  assert.deepEqual(hosts.unknown, []);
}

async function application(stage) {
  const { hosts, page, origin } = await instance(stage);
  await page.goto(`${origin}/settings/integrations/new?provider=gitlab`);
  await page.getByRole("textbox", { name: "Address of GitLab" }).fill(hosts.origin);
  await page.getByRole("radio", { name: "OAuth application" }).check();
  await page.getByText(`${origin}/v1/integrations/gitlab/callback`).waitFor();
  await page.getByRole("textbox", { name: "Application ID" }).fill("app-1");
  await page.getByRole("textbox", { name: "Secret" }).fill(APPLICATION_SECRET);
  await looks(stage, page, "an application of GitLab");
  await page.getByRole("button", { name: "Go on to GitLab" }).click();

  // Refused at GitLab: the source waits and can be authorised from its page.
  await page.getByRole("link", { name: "Deny" }).click();
  await page.getByText("access_denied").waitFor();
  await page.goto(`${origin}/settings/integrations`);
  await page.getByRole("list", { name: "Sources" }).getByText("Not finished").waitFor();
  await stage.stop("a source that is not finished");
  await page.getByRole("list", { name: "Sources" }).getByRole("link").click();
  await page.getByText("The application is not authorised yet").waitFor();
  await stage.stop("not authorised");
  await page.getByRole("button", { name: "Authorise at GitLab" }).click();
  await page.getByRole("link", { name: "Authorize" }).click();
  await page.getByText("One repository can be built.").waitFor();
  await page.getByRole("button", { name: "Authorise again" }).waitFor();
  await stage.stop("authorised");
  assert.deepEqual(hosts.unknown, []);
}

async function localMode(stage) {
  stage.tolerate(/status of 404 .*external-access\/oidc/);
  await stage.startDaemon();
  const page = await stage.openPage();
  await arrive(stage, "/settings/integrations");
  await page.getByText("Code hosts need external access").waitFor();
  await stage.stop("sources in local mode");
  await page.getByRole("link", { name: "Open access settings" }).click();
  await page.getByRole("heading", { level: 1, name: "Access" }).waitFor();
}

export const journeys = [
  { name: "sources: GitHub by an app, a project from a repository", run: github },
  { name: "sources: GitLab by a token, its end and its repair", run: gitlab },
  { name: "sources: GitLab by an application, refused and authorised", run: application },
  { name: "sources: local mode", run: localMode },
];
