/** The search parameters of the build list and of the build page. Defaults are left out of the URL. */
import type { BuildStatus, TriggerType } from "@/api/types";
import { offsetOf, oneOf, textOf } from "@/lib/search";

export const STATUSES = [
  "queued",
  "scheduled",
  "assigned",
  "running",
  "succeeded",
  "failed",
  "canceled",
  "timed_out",
  "expired",
] as const satisfies readonly BuildStatus[];
export const TRIGGERS = ["manual", "api", "webhook", "schedule"] as const satisfies readonly TriggerType[];
export const SORTS = [
  "created_at:desc",
  "created_at:asc",
  "status:asc",
  "project_name:asc",
  "pipeline_name:asc",
  "branch:asc",
] as const;

export type BuildSort = (typeof SORTS)[number];
export const DEFAULT_SORT: BuildSort = "created_at:desc";
export const PAGE_SIZE = 50;

export type BuildsSearch = {
  /** Statuses, comma separated as on the wire. */
  status?: string;
  project?: string;
  pipeline?: string;
  branch?: string;
  trigger?: TriggerType;
  q?: string;
  sort?: BuildSort;
  group?: "commit";
  offset?: number;
};

export function statusesOf({ status = "" }: BuildsSearch): BuildStatus[] {
  const asked = status.split(",");
  return STATUSES.filter((known) => asked.includes(known));
}

export function parseBuildsSearch(search: Record<string, unknown>): BuildsSearch {
  const sort = oneOf(search.sort, SORTS);
  const parsed: BuildsSearch = {
    status: statusesOf({ status: textOf(search.status) }).join(",") || undefined,
    project: textOf(search.project),
    pipeline: textOf(search.pipeline),
    branch: textOf(search.branch),
    trigger: oneOf(search.trigger, TRIGGERS),
    q: textOf(search.q),
    sort: sort === DEFAULT_SORT ? undefined : sort,
    group: oneOf(search.group, ["commit"] as const),
    ...offsetOf(search),
  };
  return withoutNothing(parsed);
}

/** The wire's query for the list as the URL describes it. */
export function toQuery(search: BuildsSearch) {
  const [sort, direction] = (search.sort ?? DEFAULT_SORT).split(":");
  return {
    status: search.status,
    project_id: search.project,
    pipeline_id: search.pipeline,
    branch: search.branch,
    trigger_type: search.trigger,
    q: search.q,
    sort,
    direction,
    limit: PAGE_SIZE,
    offset: search.offset,
  };
}

export const VIEWS = ["summary", "log", "timeline", "tests", "artifacts", "config"] as const;
export type BuildView = (typeof VIEWS)[number];
/** Which tests the view of tests lists; the wire tells failures and errors apart. */
export const TEST_OUTCOMES = ["failed", "passed", "skipped"] as const;

/** `outcome`, `q` and `offset` are those of the list of tests; `findings` is the offset of the other list in that view. */
export type BuildSearch = {
  view?: BuildView;
  step?: string;
  outcome?: (typeof TEST_OUTCOMES)[number];
  q?: string;
  offset?: number;
  findings?: number;
};
export type OnBuildSearch = (search: BuildSearch, history: "push" | "replace") => void;

export function parseBuildSearch(search: Record<string, unknown>): BuildSearch {
  // What was a view of its own stands under the timeline; its links go on to work.
  const view = search.view === "history" ? "timeline" : oneOf(search.view, VIEWS);
  const parsed: BuildSearch = {
    view,
    step: textOf(search.step),
    ...(view === "tests" && {
      outcome: oneOf(search.outcome, TEST_OUTCOMES),
      q: textOf(search.q),
      ...offsetOf(search),
      findings: offsetOf({ offset: search.findings }).offset,
    }),
  };
  return withoutNothing(parsed);
}

function withoutNothing<T extends object>(search: T): T {
  return Object.fromEntries(Object.entries(search).filter(([, value]) => value !== undefined)) as T;
}
