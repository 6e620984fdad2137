/** The filters of the build list that are in use, each removable. It must not fetch builds. */
import { useQuery } from "@tanstack/react-query";
import { FilterChip } from "@/components/ui";
import { useCan } from "@/lib/capabilities";
import { formatDate } from "@/lib/format";
import { useRuntime } from "@/lib/instances/current";
import { platformName } from "@/lib/platform";
import { pipelinesQuery, projectsQuery, runnersQuery } from "@/lib/queries";
import { t } from "@/messages";
import { filterWords as words } from "@/messages/en/build-filters";
import { listWords } from "@/messages/en/build-list";
import {
  type BuildsSearch,
  type FilterName,
  filterNames,
  MYSELF,
  type OnSearch,
  RUNNERS,
  statusesOf,
  withoutFilter,
} from "./list-search";

type Props = { search: BuildsSearch; onSearch: OnSearch };

export function FilterChips({ search, onSearch }: Props) {
  const names = useNames(search);
  const values: Record<FilterName, string | undefined> = {
    status: statusesOf(search)
      .map((status) => t.builds.status[status])
      .join(", "),
    project: names.project ?? search.project,
    pipeline: names.pipeline ?? search.pipeline,
    branch: search.branch,
    author: search.author === MYSELF ? words.myself : search.author,
    trigger: search.trigger && t.builds.trigger[search.trigger],
    platform: search.platform && platformName(search.platform),
    runner: names.runner ?? search.runner,
    date: daysText(search),
    q: search.q && t.state.quoted(search.q),
  };
  const labels: Record<FilterName, string> = { ...listWords, ...words, q: t.action.search };
  return filterNames(search).map((name) => (
    <FilterChip
      key={name}
      label={t.state.filter(labels[name], values[name] ?? "")}
      onRemove={() => onSearch(withoutFilter(search, name), "push")}
    />
  ));
}

/** What is chosen by its id has a name, unless it is gone. */
function useNames({ project, pipeline, runner }: BuildsSearch) {
  const runtime = useRuntime();
  const mayReadRunners = useCan()("runners.read");
  const projects = useQuery({
    ...projectsQuery(runtime, { limit: 200, sort: "name", direction: "asc" }),
    enabled: Boolean(project),
  });
  const pipelines = useQuery({ ...pipelinesQuery(runtime, project ?? ""), enabled: Boolean(project) });
  const runners = useQuery({ ...runnersQuery(runtime, RUNNERS), enabled: Boolean(runner) && mayReadRunners });
  return {
    project: projects.data?.projects.find(({ id }) => id === project)?.name,
    pipeline: pipelines.data?.pipelines.find(({ id }) => id === pipeline)?.name,
    runner: runners.data?.runners.find(({ id }) => id === runner)?.name,
  };
}

function daysText({ when, from, to }: BuildsSearch): string | undefined {
  if (when) return words.when[when];
  const [first, last] = [from, to].map((day) => day && formatDate(Date.parse(`${day}T12:00:00`)));
  if (first && last) return words.range(first, last);
  return (first && words.since(first)) || (last && words.until(last)) || undefined;
}
