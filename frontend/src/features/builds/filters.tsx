/** The filter bar of the build list. The state is in the URL: text replaces, choices push. It must not fetch builds. */
import { useQuery } from "@tanstack/react-query";
import { useId, useRef, useState } from "react";
import type { BuildStatus } from "@/api/types";
import { Button, Field, Input, onRequest, Select } from "@/components/ui";
import { useTypedText } from "@/lib/debounce";
import { useRuntime } from "@/lib/instances/current";
import { pipelinesQuery, projectsQuery } from "@/lib/queries";
import { useShortcuts } from "@/lib/shortcuts";
import { t } from "@/messages";
import { listWords as words } from "@/messages/en/build-list";
import { ChoiceFilter } from "./choice-filter";
import {
  type BuildSort,
  type BuildsSearch,
  DEFAULT_SORT,
  type FilterName,
  filterNames,
  MYSELF,
  type OnSearch,
  SORTS,
  statusesOf,
} from "./list-search";

const MoreFilters = onRequest(() => import("./more-filters"));

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

/** Needed now and then; a narrow window shows them with all others. */
const MORE: readonly FilterName[] = ["trigger", "platform", "runner", "date"];

export function Filters({ search, onSearch }: Props) {
  const used = filterNames(search);
  const moreUsed = used.filter((name) => MORE.includes(name)).length;
  const [isOpen, setOpen] = useState(false);
  const [hasMore, setMore] = useState(moreUsed > 0);
  const panel = useId();
  const common = { search, onSearch };
  return (
    <search className="flex flex-wrap items-end gap-3">
      <TextFilter {...common} name="q" label={words.search} placeholder={words.searchPlaceholder} />
      <Button
        icon="filter"
        aria-expanded={isOpen}
        aria-controls={panel}
        onClick={() => setOpen(!isOpen)}
        className="md:hidden"
      >
        {used.length > 0 ? words.filtersIn(used.length) : words.filters}
      </Button>
      <div
        id={panel}
        className={`w-full flex-wrap items-end gap-3 md:contents ${isOpen ? "flex" : "hidden"}`}
      >
        <ProjectFilter {...common} />
        {search.project && <PipelineFilter {...common} projectId={search.project} />}
        <TextFilter {...common} name="branch" label={words.branch} />
        <TextFilter {...common} name="author" label={words.author} placeholder={words.authorPlaceholder} />
        <SortChoice {...common} />
        <Button
          aria-expanded={hasMore}
          aria-controls={`${panel}-more`}
          onClick={() => setMore(!hasMore)}
          className="max-md:hidden"
        >
          {moreUsed > 0 ? words.moreIn(moreUsed) : words.more}
        </Button>
        <div id={`${panel}-more`} className="flex basis-full flex-wrap gap-3 empty:hidden">
          {(hasMore || isOpen) && (
            <MoreFilters
              {...common}
              onClose={() => {
                setMore(false);
                setOpen(false);
              }}
            />
          )}
        </div>
        <div className="flex basis-full flex-wrap items-center gap-x-4 gap-y-2">
          <StatusFilter {...common} />
          <MineFilter {...common} />
        </div>
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
    <fieldset className="flex flex-wrap gap-1.5">
      <legend className="sr-only">{words.status}</legend>
      {GROUPS.map((group) => {
        const isOn = group.some((status) => chosen.includes(status));
        return (
          <Toggle key={group[0]} isOn={isOn} onToggle={() => toggle(group)}>
            {t.builds.status[group[0]]}
          </Toggle>
        );
      })}
    </fieldset>
  );
}

function MineFilter({ search, onSearch }: Props) {
  const isOn = search.author === MYSELF;
  const toggle = () => onSearch({ ...search, author: isOn ? undefined : MYSELF, offset: undefined }, "push");
  return (
    <Toggle isOn={isOn} onToggle={toggle}>
      {words.mine}
    </Toggle>
  );
}

type ToggleProps = { isOn: boolean; onToggle: () => void; children: string };

function Toggle({ isOn, onToggle, children }: ToggleProps) {
  return (
    <button
      type="button"
      aria-pressed={isOn}
      onClick={onToggle}
      className="target rounded-full border border-control px-3 text-sm font-medium text-ink-2 hover:bg-sunken aria-pressed:border-accent aria-pressed:bg-accent-tint aria-pressed:text-accent"
    >
      {children}
    </button>
  );
}

function ProjectFilter({ search, onSearch }: Props) {
  const { data } = useQuery(projectsQuery(useRuntime(), { limit: 200, sort: "name", direction: "asc" }));
  return (
    <ChoiceFilter
      label={words.project}
      any={words.any}
      value={search.project}
      onValue={(project) => onSearch({ ...search, project, pipeline: undefined, offset: undefined }, "push")}
    >
      {data?.projects.map((project) => (
        <option key={project.id} value={project.id}>
          {project.name}
        </option>
      ))}
    </ChoiceFilter>
  );
}

function PipelineFilter({ projectId, search, onSearch }: Props & { projectId: string }) {
  const { data } = useQuery(pipelinesQuery(useRuntime(), projectId));
  return (
    <ChoiceFilter
      label={words.pipeline}
      any={words.any}
      value={search.pipeline}
      onValue={(pipeline) => onSearch({ ...search, pipeline, offset: undefined }, "push")}
    >
      {data?.pipelines.map((pipeline) => (
        <option key={pipeline.id} value={pipeline.id}>
          {pipeline.name}
        </option>
      ))}
    </ChoiceFilter>
  );
}

function SortChoice({ search, onSearch }: Props) {
  return (
    <Field label={words.sort} className="grow basis-32 md:max-w-44">
      <Select
        value={search.sort ?? DEFAULT_SORT}
        onChange={(event) => {
          const sort = event.target.value as BuildSort;
          onSearch({ ...search, sort: sort === DEFAULT_SORT ? undefined : sort, offset: undefined }, "push");
        }}
      >
        {SORTS.map((sort) => (
          <option key={sort} value={sort}>
            {words.sorts[sort]}
          </option>
        ))}
      </Select>
    </Field>
  );
}

type TextProps = Props & { name: "q" | "branch" | "author"; label: string; placeholder?: string };

function TextFilter({ name, label, placeholder, search, onSearch }: TextProps) {
  // Who reads is chosen by a button of its own.
  const isMine = name === "author" && search.author === MYSELF;
  const [text, setText] = useTypedText(isMine ? undefined : search[name], (value) =>
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
