/** How builds went over some days, of everything or of one project. What it is of stands in the address. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { toApiError } from "@/api/errors";
import type { Insights } from "@/api/types";
import { Banner, ButtonLink, EmptyState, Field, Input, QueryView, Segmented, Select } from "@/components/ui";
import { useTypedText } from "@/lib/debounce";
import { useRuntime } from "@/lib/instances/current";
import { pipelinesQuery, projectsQuery } from "@/lib/queries";
import { insights as words } from "@/messages/en/insights";
import { Charts } from "./charts";
import { type InsightsSearch, insightsQuery, RANGES, rangeOf, withRange } from "./search";
import { Tables } from "./tables";
import { Totals } from "./totals";

/** Of fewer builds figures say nothing. */
const FEWEST = 5;

export type OnSearch = (next: InsightsSearch, history: "push" | "replace") => void;

type Props = { search: InsightsSearch; onSearch: OnSearch; projectId?: string };

export function InsightsView({ search, onSearch, projectId }: Props) {
  const runtime = useRuntime();
  const query = useQuery({
    ...insightsQuery(runtime, search, projectId),
    placeholderData: keepPreviousData,
  });
  return (
    <div className="flex flex-col gap-6">
      <Filters search={search} onSearch={onSearch} projectId={projectId} />
      <QueryView query={query} name={words.name}>
        {(data) => <Figures data={data} scope={projectId ? "project" : "instance"} />}
      </QueryView>
    </div>
  );
}

function Figures({ data, scope }: { data: Insights; scope: "instance" | "project" }) {
  if (data.builds < FEWEST) {
    return (
      <EmptyState
        icon="chart"
        title={words.emptyTitle}
        actions={<ButtonLink to="/builds">{words.toBuilds}</ButtonLink>}
      >
        <p>{words.emptyText}</p>
        <p>{words.emptySoFar(data.builds)}</p>
      </EmptyState>
    );
  }
  return (
    <div className="flex flex-col gap-6">
      {data.truncated && <Banner tone="info" title={words.truncated} />}
      <Totals data={data} />
      <Charts data={data} />
      <Tables data={data} scope={scope} />
    </div>
  );
}

function Filters({ search, onSearch, projectId }: Props) {
  const options = RANGES.map((value) => ({ value, label: words.range[value] }));
  return (
    <search className="flex flex-wrap items-end gap-3">
      <Segmented
        label={words.range.label}
        options={options}
        value={rangeOf(search)}
        onChange={(range) => onSearch(withRange(search, range), "push")}
      />
      {!projectId && <ProjectField search={search} onSearch={onSearch} />}
      {(projectId ?? search.project) && (
        <PipelineField projectId={projectId ?? search.project ?? ""} search={search} onSearch={onSearch} />
      )}
      <BranchField search={search} onSearch={onSearch} />
    </search>
  );
}

type FieldProps = { search: InsightsSearch; onSearch: OnSearch };

function ProjectField({ search, onSearch }: FieldProps) {
  const { data, error } = useQuery(
    projectsQuery(useRuntime(), { limit: 200, sort: "name", direction: "asc" }),
  );
  return (
    <Choice
      label={words.project}
      all={words.allProjects}
      value={search.project}
      options={data?.projects ?? []}
      error={error}
      onChange={(project) => onSearch({ ...search, project, pipeline: undefined }, "push")}
    />
  );
}

function PipelineField({ projectId, search, onSearch }: FieldProps & { projectId: string }) {
  const { data, error } = useQuery(pipelinesQuery(useRuntime(), projectId));
  return (
    <Choice
      label={words.pipeline}
      all={words.allPipelines}
      value={search.pipeline}
      options={data?.pipelines ?? []}
      error={error}
      onChange={(pipeline) => onSearch({ ...search, pipeline }, "push")}
    />
  );
}

type ChoiceProps = {
  label: string;
  all: string;
  value: string | undefined;
  options: readonly { id: string; name: string }[];
  /** Why the options are not known. */
  error: Error | null;
  onChange: (value: string | undefined) => void;
};

/** What the address names stays chosen, also while nobody can say its name. */
function Choice({ label, all, value, options, error, onChange }: ChoiceProps) {
  const isUnnamed = value !== undefined && !options.some(({ id }) => id === value);
  return (
    <Field
      label={label}
      error={error && toApiError(error).message}
      className="min-w-0 grow basis-36 md:max-w-56"
    >
      <Select value={value ?? ""} onChange={(event) => onChange(event.target.value || undefined)}>
        <option value="">{all}</option>
        {isUnnamed && <option value={value}>{words.unnamed}</option>}
        {options.map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </Select>
    </Field>
  );
}

function BranchField({ search, onSearch }: FieldProps) {
  const [text, setText] = useTypedText(search.branch, (branch) => onSearch({ ...search, branch }, "replace"));
  return (
    <Field label={words.branch} className="min-w-0 grow basis-36 md:max-w-56">
      <Input
        type="search"
        value={text}
        placeholder={words.branchPlaceholder}
        spellCheck={false}
        onChange={(event) => setText(event.target.value)}
      />
    </Field>
  );
}
