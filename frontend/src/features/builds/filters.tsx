/** The filter bar of the build list. The state is in the URL: text replaces, choices push. It must not fetch builds. */
import { useQuery } from "@tanstack/react-query";
import { useId, useRef, useState } from "react";
import type { BuildStatus } from "@/api/types";
import { Button, Field, FilterChip, Input, Select } from "@/components/ui";
import { useTypedText } from "@/lib/debounce";
import { useRuntime } from "@/lib/instances/current";
import { pipelinesQuery, projectsQuery } from "@/lib/queries";
import { useShortcuts } from "@/lib/shortcuts";
import { t } from "@/messages";
import { type BuildSort, type BuildsSearch, DEFAULT_SORT, SORTS, statusesOf, TRIGGERS } from "./search";

export type OnSearch = (search: BuildsSearch, history: "push" | "replace") => void;
type Props = { search: BuildsSearch; onSearch: OnSearch };

/** One button may stand for two statuses that mean the same to people. */
const GROUPS: readonly (readonly [BuildStatus, ...BuildStatus[]])[] = [
  ["queued", "scheduled"],
  ["running", "assigned"],
  ["succeeded"],
  ["failed"],
  ["timed_out"],
  ["canceled"],
  ["expired"],
];

export function Filters({ search, onSearch }: Props) {
  const [isOpen, setOpen] = useState(false);
  const panel = useId();
  const count = filterNames(search).length;
  const words = t.builds.list;
  return (
    <search className="flex flex-wrap items-end gap-3">
      <TextFilter
        name="q"
        label={words.search}
        placeholder={words.searchPlaceholder}
        search={search}
        onSearch={onSearch}
      />
      <Button
        icon="filter"
        aria-expanded={isOpen}
        aria-controls={panel}
        onClick={() => setOpen(!isOpen)}
        className="md:hidden"
      >
        {count > 0 ? words.filtersIn(count) : words.filters}
      </Button>
      <div
        id={panel}
        className={`w-full flex-wrap items-end gap-3 md:contents ${isOpen ? "flex" : "hidden"}`}
      >
        <ProjectFilter search={search} onSearch={onSearch} />
        {search.project && <PipelineFilter projectId={search.project} search={search} onSearch={onSearch} />}
        <TextFilter name="branch" label={words.branch} search={search} onSearch={onSearch} />
        <TriggerFilter search={search} onSearch={onSearch} />
        <SortChoice search={search} onSearch={onSearch} />
        <StatusFilter search={search} onSearch={onSearch} />
      </div>
    </search>
  );
}

function StatusFilter({ search, onSearch }: Props) {
  const chosen = statusesOf(search);
  function toggle(group: readonly BuildStatus[]) {
    const isOn = group.some((status) => chosen.includes(status));
    const others = chosen.filter((status) => !group.includes(status));
    const next = isOn ? others : [...others, ...group];
    onSearch({ ...search, status: next.join(",") || undefined, offset: undefined }, "push");
  }
  return (
    <fieldset className="flex basis-full flex-wrap gap-1.5">
      <legend className="sr-only">{t.builds.list.status}</legend>
      {GROUPS.map((group) => {
        const isOn = group.some((status) => chosen.includes(status));
        return (
          <button
            key={group[0]}
            type="button"
            aria-pressed={isOn}
            onClick={() => toggle(group)}
            className="target rounded-full border border-control px-3 text-sm font-medium text-ink-2 hover:bg-sunken aria-pressed:border-accent aria-pressed:bg-accent-tint aria-pressed:text-accent"
          >
            {t.builds.status[group[0]]}
          </button>
        );
      })}
    </fieldset>
  );
}

function ProjectFilter({ search, onSearch }: Props) {
  const { data } = useQuery(projectsQuery(useRuntime(), { limit: 200, sort: "name", direction: "asc" }));
  return (
    <Field label={t.builds.list.project} className="min-w-0 grow basis-36 md:max-w-56">
      <Select
        value={search.project ?? ""}
        onChange={(event) =>
          onSearch(
            {
              ...search,
              project: event.target.value || undefined,
              pipeline: undefined,
              offset: undefined,
            },
            "push",
          )
        }
      >
        <option value="">{t.builds.list.any}</option>
        {data?.projects.map((project) => (
          <option key={project.id} value={project.id}>
            {project.name}
          </option>
        ))}
      </Select>
    </Field>
  );
}

function PipelineFilter({ projectId, search, onSearch }: Props & { projectId: string }) {
  const { data } = useQuery(pipelinesQuery(useRuntime(), projectId));
  return (
    <Field label={t.builds.list.pipeline} className="min-w-0 grow basis-36 md:max-w-56">
      <Select
        value={search.pipeline ?? ""}
        onChange={(event) =>
          onSearch({ ...search, pipeline: event.target.value || undefined, offset: undefined }, "push")
        }
      >
        <option value="">{t.builds.list.any}</option>
        {data?.pipelines.map((pipeline) => (
          <option key={pipeline.id} value={pipeline.id}>
            {pipeline.name}
          </option>
        ))}
      </Select>
    </Field>
  );
}

function TriggerFilter({ search, onSearch }: Props) {
  return (
    <Field label={t.builds.list.trigger} className="grow basis-28 md:max-w-40">
      <Select
        value={search.trigger ?? ""}
        onChange={(event) => {
          const trigger = TRIGGERS.find((known) => known === event.target.value);
          onSearch({ ...search, trigger, offset: undefined }, "push");
        }}
      >
        <option value="">{t.builds.list.any}</option>
        {TRIGGERS.map((trigger) => (
          <option key={trigger} value={trigger}>
            {t.builds.trigger[trigger]}
          </option>
        ))}
      </Select>
    </Field>
  );
}

function SortChoice({ search, onSearch }: Props) {
  return (
    <Field label={t.builds.list.sort} className="grow basis-32 md:max-w-44">
      <Select
        value={search.sort ?? DEFAULT_SORT}
        onChange={(event) => {
          const sort = event.target.value as BuildSort;
          onSearch({ ...search, sort: sort === DEFAULT_SORT ? undefined : sort, offset: undefined }, "push");
        }}
      >
        {SORTS.map((sort) => (
          <option key={sort} value={sort}>
            {t.builds.list.sorts[sort]}
          </option>
        ))}
      </Select>
    </Field>
  );
}

type TextProps = Props & { name: "q" | "branch"; label: string; placeholder?: string };

function TextFilter({ name, label, placeholder, search, onSearch }: TextProps) {
  const [text, setText] = useTypedText(search[name], (value) =>
    onSearch({ ...search, [name]: value, offset: undefined }, "replace"),
  );
  const input = useRef<HTMLDivElement>(null);
  useShortcuts(name === "q" ? { filter: () => input.current?.querySelector("input")?.focus() } : {});
  return (
    <div
      ref={input}
      className={name === "q" ? "min-w-0 grow basis-56 md:max-w-80" : "min-w-0 grow basis-32 md:max-w-48"}
    >
      <Field label={label}>
        <Input
          type="search"
          placeholder={placeholder}
          value={text}
          aria-keyshortcuts={name === "q" ? "/" : undefined}
          onChange={(event) => setText(event.target.value)}
        />
      </Field>
    </div>
  );
}

type FilterName = "status" | "project" | "pipeline" | "branch" | "trigger" | "q";
const FILTERS: readonly FilterName[] = ["status", "project", "pipeline", "branch", "trigger", "q"];

export function filterNames(search: BuildsSearch): FilterName[] {
  return FILTERS.filter((name) => search[name] !== undefined);
}

/** The filters in use, each removable. */
export function FilterChips({ search, onSearch }: Props) {
  const runtime = useRuntime();
  const projects = useQuery(projectsQuery(runtime, { limit: 200, sort: "name", direction: "asc" }));
  const pipelines = useQuery({
    ...pipelinesQuery(runtime, search.project ?? ""),
    enabled: Boolean(search.project),
  });
  const words = t.builds.list;
  const values: Record<FilterName, string | undefined> = {
    status: statusesOf(search)
      .map((status) => t.builds.status[status])
      .join(", "),
    project: projects.data?.projects.find((project) => project.id === search.project)?.name,
    pipeline: pipelines.data?.pipelines.find((pipeline) => pipeline.id === search.pipeline)?.name,
    branch: search.branch,
    trigger: search.trigger && t.builds.trigger[search.trigger],
    q: search.q && t.state.quoted(search.q),
  };
  const labels: Record<FilterName, string> = { ...words, q: t.action.search };
  return filterNames(search).map((name) => (
    <FilterChip
      key={name}
      label={t.state.filter(labels[name], values[name] ?? search[name] ?? "")}
      onRemove={() => onSearch({ ...search, [name]: undefined, offset: undefined }, "push")}
    />
  ));
}
