/** The build list without builds: none yet, and how to start one; or none that the filters let through. It must not fetch builds. */
import { ButtonLink, CopyLine, EmptyState, FilteredEmptyState } from "@/components/ui";
import { useRuntime } from "@/lib/instances/current";
import { t } from "@/messages";
import { listWords as words } from "@/messages/en/build-list";
import { FilterChips } from "./filter-chips";
import { type BuildsSearch, filterNames, type OnSearch } from "./list-search";

type Props = { search: BuildsSearch; onSearch: OnSearch };

export default function Nothing({ search, onSearch }: Props) {
  const origin = useRuntime().instance.url;
  if (filterNames(search).length > 0) {
    return (
      <FilteredEmptyState
        onClear={() => onSearch({ sort: search.sort }, "push")}
        chips={<FilterChips search={search} onSearch={onSearch} />}
      />
    );
  }
  return (
    <EmptyState
      icon="build"
      title={t.builds.noBuilds}
      actions={
        <ButtonLink to="/projects" variant="primary">
          {words.toProjects}
        </ButtonLink>
      }
    >
      <p>{words.emptyText}</p>
      <p>{words.emptyButton}</p>
      <p>{words.emptyApi}</p>
      <CopyLine
        text={`curl -X POST -H "Authorization: Bearer $TOKEN" -H "Content-Type: application/json" -d '{"pipeline_id":"…"}' ${origin}/v1/projects/…/builds`}
      />
    </EmptyState>
  );
}
