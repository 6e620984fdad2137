/** What the insights are of, as the address says it. Wrong values fall back to what is usual. */
import type { Runtime } from "@/lib/instances/runtime";
import { textOf } from "@/lib/search";

export const RANGES = ["7", "30", "90"] as const;
export type Range = (typeof RANGES)[number];
const USUAL: Range = "30";

export type InsightsSearch = { days?: 7 | 90; branch?: string; project?: string; pipeline?: string };

export function insightsSearch(search: Record<string, unknown>): InsightsSearch {
  return {
    days: ([7, 90] as const).find((days) => days === Number(search.days)),
    branch: textOf(search.branch),
    project: textOf(search.project),
    pipeline: textOf(search.pipeline),
  };
}

export const rangeOf = ({ days }: InsightsSearch): Range =>
  RANGES.find((range) => Number(range) === days) ?? USUAL;

export const withRange = (search: InsightsSearch, range: Range): InsightsSearch => ({
  ...search,
  days: ([7, 90] as const).find((days) => days === Number(range)),
});

/** Days begin where the person is. */
const offset = () => -new Date().getTimezoneOffset();

export const insightsQuery = (rt: Runtime, search: InsightsSearch, projectId?: string) => {
  const query = {
    days: Number(rangeOf(search)),
    project_id: projectId ?? search.project,
    pipeline_id: search.pipeline,
    branch: search.branch,
    utc_offset: offset(),
  };
  return {
    queryKey: rt.key("insights", query),
    queryFn: ({ signal }: { signal: AbortSignal }) => rt.api.get("/v1/insights", { query, signal }),
    staleTime: 60_000,
  };
};
