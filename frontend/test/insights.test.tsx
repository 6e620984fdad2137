/** The insights: figures, charts with their tables, what stands in the address, and who sees them. */
import { expect, spyOn, test } from "bun:test";
import { screen, waitFor, within } from "@testing-library/react";
import { csvOf } from "@/features/insights/csv";
import { axeFindings, openApp } from "./app.tsx";
import { FakeDaemon } from "./fake/daemon.ts";
import { insightsOf } from "./fake/data.ts";
import { button, heading, requests } from "./find.ts";

function daemonOf(builds: number): FakeDaemon {
  const daemon = new FakeDaemon();
  daemon.insights = insightsOf(builds);
  return daemon;
}

test("figures, charts and tables tell the same", async () => {
  const { user, container } = openApp("/insights", { daemon: daemonOf(20) });
  await heading("Insights");
  expect(await screen.findByText("80 %")).toBeDefined();
  expect(screen.getByText("16 passed, 4 failed, 0 canceled")).toBeDefined();
  const chart = screen.getByRole("img", { name: /^Results by day, .* The table holds the same figures/ });
  expect(chart.querySelectorAll("rect").length).toBe(2);
  expect(await axeFindings(container)).toEqual([]);
  const views = screen.getByRole("group", { name: "View: Results by day" });
  await user.click(within(views).getByRole("button", { name: "Table" }));
  const table = await screen.findByRole("table", { name: "Results by day" });
  const days = within(table).getAllByRole("row").slice(1);
  expect(days.length).toBe(7);
  expect(days[3]?.textContent).toMatch(/16.*4.*0.*80$/);
  expect(screen.getByRole("table", { name: "Slowest steps" }).textContent).toContain("flutter build apk");
  const failing = screen.getByRole("table", { name: "Steps that fail" });
  expect(within(failing).getAllByRole("row").length).toBe(2);
  expect(screen.getByRole("table", { name: "Why builds failed" }).textContent).toContain("A step failed");
  expect(await axeFindings(container)).toEqual([]);
});

test("what the figures are of stands in the address", async () => {
  const { user, daemon, router } = openApp("/insights?days=7&branch=main", { daemon: daemonOf(20) });
  await screen.findByText("80 %");
  expect(requests(daemon, "GET /v1/insights").at(-1)).toMatch(/days=7.*branch=main/);
  await user.click(await button("90 days"));
  await waitFor(() => expect(router.state.location.search).toEqual({ days: 90, branch: "main" }));
  await user.selectOptions(await screen.findByLabelText("Project"), "Shop app");
  await user.selectOptions(await screen.findByLabelText("Pipeline"), "Android release");
  await user.clear(screen.getByLabelText("Branch"));
  await waitFor(() =>
    expect(router.state.location.search).toEqual({ days: 90, project: "p1", pipeline: "l1" }),
  );
  await user.click(await button("30 days"));
  await waitFor(() => expect(router.state.location.search).toEqual({ project: "p1", pipeline: "l1" }));
  await waitFor(() =>
    expect(requests(daemon, "GET /v1/insights").at(-1)).toMatch(/days=30&project_id=p1&pipeline_id=l1/),
  );
});

test("too few builds are no insight: the page says what will be here", async () => {
  const { container } = openApp("/insights", { daemon: daemonOf(4) });
  expect(await screen.findByText("Too few builds for insights")).toBeDefined();
  expect(screen.getByText("4 ended in this time so far.")).toBeDefined();
  expect(await axeFindings(container)).toEqual([]);
});

test("an error names its request, and who may not see figures is told so", async () => {
  const daemon = daemonOf(20);
  daemon.failOn("GET /v1/insights", { status: 400, code: "invalid_input", error: "no such days" });
  const first = openApp("/insights", { daemon });
  expect(await screen.findByText("req-test-1")).toBeDefined();
  first.unmount();
  daemon.recover();
  daemon.capabilities = ["projects.read", "builds.read"];
  openApp("/insights", { daemon });
  expect(await screen.findByText("You don't have access to this")).toBeDefined();
  expect(screen.queryByRole("link", { name: "Insights" })).toBeNull();
});

test("a project that cannot be named stays chosen, and the field says why", async () => {
  const daemon = daemonOf(20);
  daemon.failOn("GET /v1/projects", { status: 500, code: "store_error", error: "the list is away" });
  openApp("/insights?project=p1", { daemon });
  expect(await screen.findByText("the list is away")).toBeDefined();
  const project = screen.getByLabelText<HTMLSelectElement>("Project");
  expect(project.value).toBe("p1");
  expect(project.selectedOptions[0]?.textContent).toBe("The one in the address");
});

test("a project has figures of its own, and g i leads to those of all", async () => {
  const { user, daemon, router } = openApp("/projects/p1/insights", { daemon: daemonOf(20) });
  await heading("Shop app");
  await screen.findByText("80 %");
  expect(requests(daemon, "GET /v1/insights").at(-1)).toContain("project_id=p1");
  expect(screen.queryByLabelText("Project")).toBeNull();
  await user.keyboard("gi");
  await waitFor(() => expect(router.state.location.pathname).toBe("/insights"));
});

test("figures follow the builds", async () => {
  const daemon = daemonOf(20);
  openApp("/insights", { daemon });
  await screen.findByText("80 %");
  await waitFor(() => expect(daemon.openStreams).toBe(1));
  const event = { build_id: "b1", project_id: "p1", pipeline_id: "l1", build_number: 7 };
  daemon.insights = insightsOf(25);
  daemon.emit("build", { ...event, status: "failed" });
  expect(await screen.findByText("20 passed, 5 failed, 0 canceled")).toBeDefined();
});

test("a chart's figures can be taken along as a file", async () => {
  const made: Blob[] = [];
  const url = spyOn(URL, "createObjectURL").mockImplementation((blob) => {
    made.push(blob as Blob);
    return "blob:x";
  });
  // The browser would go to the file; this one has no downloads.
  const click = spyOn(HTMLAnchorElement.prototype, "click").mockImplementation(() => undefined);
  const { user } = openApp("/insights", { daemon: daemonOf(20) });
  await user.click(await button("Download Duration by day as CSV"));
  const text = await made[0]?.text();
  expect(text).toMatch(/^Day,"Median, s","95th percentile, s"\r\n/);
  expect(text).toMatch(/\d{4}-\d\d-\d\d,125,300\r\n/);
  url.mockRestore();
  click.mockRestore();
});

test("runners and app sizes have charts with tables and what they mean", async () => {
  const { user, container } = openApp("/insights", { daemon: daemonOf(20) });
  expect(await screen.findByText("this-machine, 12.5 % busy")).toBeDefined();
  expect(screen.getByRole("img", { name: /^Runners by day/ }).querySelectorAll("rect").length).toBe(2);
  for (const title of ["Runners by day", "App size by day"]) {
    const views = screen.getByRole("group", { name: `View: ${title}` });
    await user.click(within(views).getByRole("button", { name: "Table" }));
  }
  const busy = await screen.findByRole("table", { name: "Runners by day" });
  const hours = within(busy).getAllByRole("row").slice(1);
  expect(hours[3]?.textContent).toContain("1 h 30 min");
  const sizes = within(screen.getByRole("table", { name: "App size by day" })).getAllByRole("row");
  expect(sizes.slice(1).map((row) => row.querySelector("td")?.textContent)).toEqual([
    "13 MB",
    "–",
    "–",
    "12.5 MB",
    "–",
    "12 MB",
    "–",
  ]);
  expect(screen.getAllByText("What this means").length).toBe(5);
  expect(await axeFindings(container)).toEqual([]);
});

test("no cell of a file is a formula", () => {
  expect(csvOf(["a"], [["=1+1"], ["-2"], [-2], ['say "hi", you'], [null]])).toBe(
    'a\r\n\'=1+1\r\n\'-2\r\n-2\r\n"say ""hi"", you"\r\n\r\n',
  );
});
