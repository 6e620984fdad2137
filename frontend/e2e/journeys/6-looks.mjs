/** Every page, in light and in dark, at three widths: accessible, nothing wider than the window, pictures to look at. */
import { arrive, waitForStatus } from "../support/pages.mjs";
import { makeRepository, pipelineFile } from "../support/repository.mjs";

const WIDTHS = [
  [1440, 900],
  [390, 844],
  [320, 640],
];

/** An id that nothing has. */
const NOBODY = "01890000-0000-7000-8000-000000000000";

async function scenery(stage) {
  const { root } = await stage.startDaemon();
  const good = ["echo fine", "mkdir -p out && echo app > out/app-release-with-a-rather-long-name.apk"];
  const analyzed = "lib/src/a/rather/long/path/to/a_widget.dart:112:7";
  const failure = '<failure message="Expected: exactly one widget with a text">at a_test.dart 19:5</failure>';
  const cases = `<testcase name="adds" time="1"/><testcase name="a group shows it" time="2">${failure}</testcase>`;
  const bad = [
    `printf '%s' '<testsuite>${cases}</testsuite>' > "$OORE_REPORTS/tests.xml"`,
    `echo 'warning • The value of the field is not used • ${analyzed} • unused_field'`,
    "echo compiling",
    'echo "error: it does not compile" >&2; exit 1',
  ];
  const shop = makeRepository(
    root,
    "shop",
    "Add onboarding with a subject that is long enough to be cut off on phones",
    {
      ".oore.yaml": pipelineFile(good),
    },
  );
  const broken = makeRepository(root, "broken", "Break it", { ".oore.yaml": pipelineFile(bad) });
  const one = await stage.api.project(shop, "Shop app");
  const two = await stage.api.project(broken, "Broken app");
  const green = await stage.api.run(one);
  const red = await stage.api.run(two);
  await stage.api.ended(green.id);
  await stage.api.ended(red.id);
  const somebody = { email: "somebody.with-a-rather-long-address@testers.example.com", role: "qa_viewer" };
  const { user } = await stage.api.send("POST", "/v1/users/invite", somebody);
  const member = { user_id: user.id, role: "viewer" };
  await stage.api.send("POST", `/v1/projects/${one.project.id}/members`, member);
  await stage.api.send("POST", "/v1/api-tokens", { name: "nightly script", role: "developer" });
  return { one, green, red };
}

async function looks(stage, colorScheme) {
  const { one, green, red } = await scenery(stage);
  stage.tolerate(new RegExp(`status of 404 .*${NOBODY}`));
  stage.tolerate(/status of 404 .*external-access\/oidc/);
  const project = `/projects/${one.project.id}`;
  const places = {
    home: "/",
    builds: "/builds",
    "builds filtered to nothing": "/builds?branch=nowhere",
    "green build": `/builds/${green.id}`,
    "red build": `/builds/${red.id}`,
    tests: `/builds/${red.id}?view=tests`,
    "no tests": `/builds/${green.id}?view=tests`,
    artifacts: `/builds/${green.id}?view=artifacts`,
    configuration: `/builds/${green.id}?view=config`,
    "green log": `/builds/${green.id}?view=log`,
    "red log": `/builds/${red.id}?view=log`,
    timeline: `/builds/${red.id}?view=timeline`,
    "build that does not exist": `/builds/${NOBODY}`,
    projects: "/projects",
    "new project": "/projects/new",
    project,
    "project builds": `${project}/builds`,
    "project members": `${project}/members`,
    "project settings": `${project}/settings`,
    pipeline: `${project}/pipelines/${one.pipeline.id}`,
    "pipeline edit": `${project}/pipelines/${one.pipeline.id}/edit`,
    "new pipeline": `${project}/pipelines/new`,
    releases: "/releases",
    "releases of an app": `/releases/${one.project.id}`,
    release: `/releases/${one.project.id}/${green.id}`,
    "project releases": `${project}/releases`,
    insights: "/insights",
    "project insights": `${project}/insights`,
    runners: "/runners",
    "project that does not exist": `/projects/${NOBODY}`,
    settings: "/settings",
    "settings general": "/settings/general",
    "settings access": "/settings/access",
    sources: "/settings/integrations",
    "sources filtered to nothing": "/settings/integrations?q=nowhere",
    "connect a source": "/settings/integrations/new",
    "source that does not exist": `/settings/integrations/${NOBODY}`,
    storage: "/settings/storage",
    retention: "/settings/retention",
    notifications: "/settings/notifications",
    "new channel": "/settings/notifications/new",
    system: "/settings/system",
    "messages of the daemon": "/settings/system?messages=open",
    "messages filtered to nothing": "/settings/system?q=nothing-says-this",
    people: "/settings/users",
    "people filtered to nothing": "/settings/users?q=nobody",
    deliveries: "/settings/deliveries",
    "deliveries filtered to nothing": "/settings/deliveries?q=nobody",
    "audit log": "/settings/audit",
    "my account": "/me",
    "api tokens": "/me/tokens",
    "keyboard shortcuts": "/me/shortcuts",
    "builds by commit": "/builds?group=commit",
    "comparison of builds": `/builds/${green.id}/compare/${red.id}`,
  };
  for (const [width, height] of WIDTHS) {
    const page = await stage.openPage({ width, height, colorScheme });
    await arrive(stage);
    for (const [name, path] of Object.entries(places)) {
      await stage.go(path);
      await page.locator("h1").waitFor();
      if (name.endsWith("build")) await waitForStatus(page, name === "green build" ? "Passed" : "Failed");
      await stage.stop(`${name} ${colorScheme} ${width}`);
    }
    await stage.go("/");
    await page.getByRole("button", { name: "Account and appearance" }).click();
    await page.getByRole("menu").waitFor();
    await stage.stop(`account menu ${colorScheme} ${width}`);
    await page.keyboard.press("Escape");
    await page.keyboard.press("Control+k");
    await page.getByRole("option").first().waitFor();
    await stage.stop(`palette ${colorScheme} ${width}`);
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await page.keyboard.press("?");
    await page.getByRole("dialog").waitFor();
    await stage.stop(`sheet of keys ${colorScheme} ${width}`);
    await page.context().close();
  }
}

export const journeys = ["light", "dark"].map((colorScheme) => ({
  name: `looks of every page in ${colorScheme}`,
  limitMs: 600_000,
  run: (stage) => looks(stage, colorScheme),
}));
