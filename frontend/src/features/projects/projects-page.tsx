/** All projects that the person may see: search, order, paging. The state is in the URL, not here. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useRef } from "react";
import type { Project } from "@/api/types";
import { ProjectRow } from "@/components/projects/project-row";
import { Page } from "@/components/shell";
import {
  Banner,
  Button,
  ButtonLink,
  EmptyState,
  Field,
  FilterChip,
  FilteredEmptyState,
  Input,
  Pager,
  QueryView,
  Select,
} from "@/components/ui";
import { useCan, useRuntimeMode } from "@/lib/capabilities";
import { useTypedText } from "@/lib/debounce";
import { useRuntime } from "@/lib/instances/current";
import { projectsQuery } from "@/lib/queries";
import { useRowKeys } from "@/lib/row-keys";
import { KEYS, useShortcuts } from "@/lib/shortcuts";
import { t } from "@/messages";
import { healthWords } from "@/messages/en/project-health";
import { useHealth } from "./health";
import { HealthOf } from "./project-health";
import { DEFAULT_SORT, PAGE_SIZE, type ProjectSort, type ProjectsSearch, SORTS, toQuery } from "./search";

type Props = {
  search: ProjectsSearch;
  onSearch: (search: ProjectsSearch, history: "push" | "replace") => void;
};

export function ProjectsPage({ search, onSearch }: Props) {
  const can = useCan();
  const query = useQuery({
    ...projectsQuery(useRuntime(), toQuery(search)),
    placeholderData: keepPreviousData,
  });
  const add = can("projects.write") && (
    <ButtonLink to="/projects/new" variant="primary" icon="add">
      {t.projects.add}
    </ButtonLink>
  );
  return (
    <Page title={t.projects.title} actions={add}>
      <Filters search={search} onSearch={onSearch} />
      <QueryView query={query} name={t.projects.title}>
        {({ projects, total }) => (
          <>
            {/* Beyond the end the pager says so and leads back. */}
            {(projects.length > 0 || !search.offset) && (
              <List projects={projects} search={search} onClear={() => onSearch({}, "push")} />
            )}
            <Pager
              offset={search.offset ?? 0}
              limit={PAGE_SIZE}
              total={total}
              onOffset={(offset) => onSearch({ ...search, offset: offset || undefined }, "push")}
            />
          </>
        )}
      </QueryView>
    </Page>
  );
}

function List({
  projects,
  search,
  onClear,
}: {
  projects: Project[];
  search: ProjectsSearch;
  onClear: () => void;
}) {
  const can = useCan();
  const mode = useRuntimeMode() ?? "local";
  if (projects.length > 0) return <Rows projects={projects} />;
  if (search.q) {
    return (
      <FilteredEmptyState
        onClear={onClear}
        chips={<FilterChip label={t.state.quoted(search.q)} onRemove={onClear} />}
      />
    );
  }
  if (!can("projects.write")) {
    return (
      <EmptyState icon="project" title={t.projects.emptyTitle}>
        <p>{t.projects.emptyReadOnly}</p>
      </EmptyState>
    );
  }
  const add = (
    <ButtonLink to="/projects/new" variant="primary" icon="add">
      {t.projects.add}
    </ButtonLink>
  );
  return (
    <EmptyState icon="project" title={t.projects.emptyTitle} actions={add}>
      <p>{t.projects.emptyText[mode]}</p>
    </EmptyState>
  );
}

function Rows({ projects }: { projects: readonly Project[] }) {
  const health = useHealth(projects);
  useRowKeys();
  return (
    <>
      {health.hasFailed && (
        <Banner
          tone="warning"
          title={healthWords.failed}
          actions={<Button onClick={health.retry}>{t.action.retry}</Button>}
        />
      )}
      <ul aria-label={t.projects.title} className="@container card divide-y divide-line">
        {projects.map((project) => (
          <ProjectRow key={project.id} project={project}>
            <HealthOf health={health.of(project)} />
          </ProjectRow>
        ))}
      </ul>
    </>
  );
}

function Filters({ search, onSearch }: Props) {
  const box = useRef<HTMLElement>(null);
  useShortcuts({ filter: () => box.current?.querySelector("input")?.focus() });
  const [text, setText] = useTypedText(search.q, (q) =>
    onSearch({ ...search, q, offset: undefined }, "replace"),
  );
  function changeSort(value: string) {
    const sort = value as ProjectSort;
    onSearch({ ...search, sort: sort === DEFAULT_SORT ? undefined : sort, offset: undefined }, "push");
  }
  return (
    <search ref={box} className="flex flex-wrap items-end gap-3">
      <Field label={t.projects.search} className="min-w-0 grow basis-48 sm:max-w-80">
        <Input
          type="search"
          aria-keyshortcuts={KEYS.filter}
          placeholder={t.projects.searchPlaceholder}
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
      </Field>
      <Field label={t.projects.sort}>
        <Select value={search.sort ?? DEFAULT_SORT} onChange={(event) => changeSort(event.target.value)}>
          {SORTS.map((sort) => (
            <option key={sort} value={sort}>
              {t.projects.sorts[sort]}
            </option>
          ))}
        </Select>
      </Field>
    </search>
  );
}
