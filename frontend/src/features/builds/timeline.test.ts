/** Bars from a log's outline, from results alone, and of builds that still run or were stopped. */
import { describe, expect, test } from "bun:test";
import type { Build, BuildLogIndex } from "@/api/types";
import { timelineOf } from "./timeline";

const build = (more: Partial<Build>) => ({ wait_ms: 2_000, run_ms: 9_000, ...more }) as Build;
const step = (name: string, started_at: number, ended_at?: number) => ({
  name,
  started_at,
  ended_at,
  status: ended_at === undefined ? undefined : "succeeded",
});
const index = (...steps: unknown[]) => ({ steps: [{ name: "" }, ...steps] }) as BuildLogIndex;

describe("a timeline", () => {
  test("begins with the waiting and places steps by the runner's clock", () => {
    const known = index(step("checkout", 5_000, 6_000), step("build-1", 6_500, 12_500));
    const { bars, total, longest } = timelineOf(build({}), known, "ended", 0);
    expect(bars.map(({ name, start, duration }) => [name, start, duration])).toEqual([
      ["", 0, 2_000],
      ["checkout", 2_000, 1_000],
      ["build-1", 3_500, 6_000],
    ]);
    expect([total, longest?.name]).toEqual([9_500, "build-1"]);
  });

  test("a step without an end grows while the build runs, and was stopped with it", () => {
    const known = index(step("build-1", 5_000));
    expect(timelineOf(build({}), known, "active", 8_000).bars[1]).toMatchObject({
      state: "running",
      duration: 3_000,
    });
    expect(timelineOf(build({}), known, "ended", 99_000).bars[1]).toMatchObject({
      state: "canceled",
      duration: 9_000,
    });
  });

  test("without a log the build's results are enough", () => {
    const step_results = [
      { name: "build-1", status: "failed", started_at: 7, finished_at: 9, duration_ms: 1_700 },
    ] as Build["step_results"];
    const { bars, longest } = timelineOf(build({ step_results }), undefined, "ended", 0);
    expect(bars[1]).toEqual({ name: "build-1", state: "failed", start: 2_000, duration: 1_700 });
    expect(longest).toBeNull();
  });

  test("a step that was left out is there and says so", () => {
    const left = { ...step("sign", 6_000, 6_000), status: "skipped" };
    const { bars } = timelineOf(build({}), index(step("build-1", 5_000, 6_000), left), "ended", 0);
    expect(bars.at(-1)).toEqual({ name: "sign", state: "skipped", start: 3_000, duration: 0 });
  });

  test("a queued build only waits", () => {
    expect(timelineOf(build({ run_ms: undefined }), index(), "active", 1).bars).toHaveLength(1);
  });
});
