/** Finds a repository among those of all connected sources and picks it. It must not create anything. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import type { SourceRepository } from "@/api/types";
import { TextFilter } from "@/components/settings";
import { allRepositoriesQuery, hostName, ProviderLabel, RepositoryAvatar } from "@/components/sources";
import { Button, ButtonLink, EmptyState, FilterChip, FilteredEmptyState, QueryView } from "@/components/ui";
import { useCan } from "@/lib/capabilities";
import { formatNumber } from "@/lib/format";
import { useRuntime } from "@/lib/instances/current";
import { t } from "@/messages";
import { repositoryPicker as words } from "@/messages/en/repository-picker";

const MOST = 20;

export type PickedRepository = { id: string; name: string };

type Props = {
  q: string | undefined;
  onQ: (text: string | undefined) => void;
  onPick: (repository: PickedRepository) => void;
};

export function RepositoryPicker({ q, onQ, onPick }: Props) {
  const query = useQuery({
    ...allRepositoriesQuery(useRuntime(), { q, limit: MOST }),
    placeholderData: keepPreviousData,
  });
  const clear = () => onQ(undefined);
  return (
    <section aria-label={words.title} className="flex flex-col gap-3">
      {!query.isError && (
        <search className="flex">
          <TextFilter label={words.search} placeholder={words.placeholder} value={q} onValue={onQ} />
        </search>
      )}
      <QueryView query={query} name={words.name}>
        {({ repositories, total }) => {
          if (total === 0 && q) {
            return (
              <FilteredEmptyState
                onClear={clear}
                chips={<FilterChip label={t.state.quoted(q)} onRemove={clear} />}
              />
            );
          }
          if (total === 0) return <None />;
          return (
            <>
              <ul aria-label={words.title} className="card divide-y divide-line">
                {repositories.map((found) => (
                  <Row key={found.id} repository={found} onPick={onPick} />
                ))}
              </ul>
              {total > repositories.length && (
                <p className="text-sm text-ink-3">
                  {words.more(formatNumber(repositories.length), formatNumber(total))}
                </p>
              )}
            </>
          );
        }}
      </QueryView>
    </section>
  );
}

type RowProps = { repository: SourceRepository; onPick: (repository: PickedRepository) => void };

function Row({ repository, onPick }: RowProps) {
  const { id, full_name: name, is_private: isPrivate, provider, host_url } = repository;
  return (
    <li className="flex flex-wrap items-center gap-x-3 gap-y-2 px-4 py-2.5">
      <RepositoryAvatar repository={repository} />
      <div className="min-w-0 grow basis-44">
        <p className="font-medium break-all">{name}</p>
        <p className="flex flex-wrap items-center gap-x-2 text-sm break-all text-ink-3">
          <ProviderLabel provider={provider} />
          {provider !== "local_git" && <span>{hostName(host_url)}</span>}
          {isPrivate && <span>{words.private}</span>}
        </p>
      </div>
      <Button aria-label={words.pickOf(name)} onClick={() => onPick({ id, name })}>
        {words.pick}
      </Button>
    </li>
  );
}

function None() {
  const can = useCan();
  const action = can("integrations.write") && (
    <ButtonLink to="/settings/integrations/new" variant="primary" icon="add">
      {words.connect}
    </ButtonLink>
  );
  return (
    <EmptyState icon="branch" title={words.none} actions={action}>
      <p>{words.noneText}</p>
      {!can("integrations.write") && <p>{words.ask}</p>}
    </EmptyState>
  );
}
