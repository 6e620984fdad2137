/** The search parameters of the build list. Defaults are left out of the URL. */
import type { BuildPlatform, BuildStatus, TriggerType } from "@/api/types";
import { beginOf, dayOf, endOf, isDay } from "@/lib/days";
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
export const PLATFORMS = ["android", "ios", "macos"] as const satisfies readonly BuildPlatform[];
/** Ranges of days that go with the calendar; the day they begin with is counted from today. */
export const PERIODS = { today: 0, "7d": -6, "30d": -29 } as const;
export type Period = keyof typeof PERIODS;
export const PERIOD_NAMES = Object.keys(PERIODS) as Period[];
/** The author that stands for whoever reads. */
export const MYSELF = "me";
/** The runners that can be chosen, as the wire is asked for them. */
export const RUNNERS = { limit: 100, sort: "name", direction: "asc" };
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
  /** Text in a name, or `me`. */
  author?: string;
  trigger?: TriggerType;
  platform?: BuildPlatform;
  /** A runner's id. */
  runner?: string;
  /** Which days, either by a word, or as YYYY-MM-DD, both included. */
  when?: Period;
  from?: string;
  to?: string;
  q?: string;
  sort?: BuildSort;
  group?: "commit";
  offset?: number;
};

export type OnSearch = (search: BuildsSearch, history: "push" | "replace") => void;

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
    author: textOf(search.author),
    trigger: oneOf(search.trigger, TRIGGERS),
    platform: oneOf(search.platform, PLATFORMS),
    runner: textOf(search.runner),
    ...parseDays(search),
    q: textOf(search.q),
    sort: sort === DEFAULT_SORT ? undefined : sort,
    group: oneOf(search.group, ["commit"] as const),
    ...offsetOf(search),
  };
  return Object.fromEntries(Object.entries(parsed).filter(([, value]) => value !== undefined));
}

function parseDays(search: Record<string, unknown>): Pick<BuildsSearch, "when" | "from" | "to"> {
  const when = oneOf(search.when, PERIOD_NAMES);
  if (when) return { when };
  const [from, to] = [textOf(search.from), textOf(search.to)];
  return { from: isDay(from) ? from : undefined, to: isDay(to) ? to : undefined };
}

export function daysOf({ when, from, to }: BuildsSearch, now: number): { from?: string; to?: string } {
  return when ? { from: dayOf(now, PERIODS[when]) } : { from, to };
}

/** The wire's query for the list as the URL describes it; `now` (unix ms) says which day is today. */
export function toQuery(search: BuildsSearch, now: number) {
  const [sort, direction] = (search.sort ?? DEFAULT_SORT).split(":");
  const { from, to } = daysOf(search, now);
  return {
    status: search.status,
    project_id: search.project,
    pipeline_id: search.pipeline,
    branch: search.branch,
    author: search.author,
    trigger_type: search.trigger,
    platform: search.platform,
    runner_id: search.runner,
    from_ts: beginOf(from),
    to_ts: endOf(to),
    q: search.q,
    sort,
    direction,
    limit: PAGE_SIZE,
    offset: search.offset,
  };
}

/** What narrows the list, in the order in which it is told, and what each has in the URL. */
const FILTERS = {
  status: ["status"],
  project: ["project"],
  pipeline: ["pipeline"],
  branch: ["branch"],
  author: ["author"],
  trigger: ["trigger"],
  platform: ["platform"],
  runner: ["runner"],
  date: ["when", "from", "to"],
  q: ["q"],
} as const satisfies Record<string, readonly (keyof BuildsSearch)[]>;

export type FilterName = keyof typeof FILTERS;

export function filterNames(search: BuildsSearch): FilterName[] {
  const names = Object.keys(FILTERS) as FilterName[];
  return names.filter((name) => FILTERS[name].some((key) => search[key] !== undefined));
}

export function withoutFilter(search: BuildsSearch, name: FilterName): BuildsSearch {
  const gone = Object.fromEntries(FILTERS[name].map((key) => [key, undefined]));
  return { ...search, ...gone, offset: undefined };
}
