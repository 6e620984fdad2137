/** The repositories of a source: search and place in the URL; the way to a project and to a webhook. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { Integration, IntegrationRepository } from "@/api/types";
import { Listing, TextFilter } from "@/components/settings";
import { RepositoryAvatar, repositoriesQuery } from "@/components/sources";
import { Button, ButtonLink, FilterChip, Icon, QueryView, Section } from "@/components/ui";
import { useCan } from "@/lib/capabilities";
import { useRuntime } from "@/lib/instances/current";
import { t } from "@/messages";
import { source as sourceWords } from "@/messages/en/source";
import { WebhookDialog } from "./dialogs";
import { PAGE_SIZE, type SourceSearch } from "./source-search";

const words = sourceWords.repositories;

type Props = {
  source: Integration;
  search: SourceSearch;
  onSearch: (search: SourceSearch, history: "push" | "replace") => void;
};

export function RepositoriesSection({ source, search, onSearch }: Props) {
  const { q, offset = 0 } = search;
  const query = useQuery({
    ...repositoriesQuery(useRuntime(), source.id, { q, offset, limit: PAGE_SIZE }),
    placeholderData: keepPreviousData,
  });
  const clear = () => onSearch({ installed: search.installed }, "push");
  return (
    <Section title={words.title}>
      <search className="flex">
        <TextFilter
          label={words.search}
          placeholder={words.placeholder}
          value={q}
          onValue={(text) => onSearch({ ...search, q: text, offset: undefined }, "replace")}
        />
      </search>
      <QueryView query={query} name={words.name}>
        {({ repositories, total }) => (
          <div>
            <Listing
              count={repositories.length}
              isFiltered={Boolean(q || offset > 0)}
              chips={q && <FilterChip label={t.state.quoted(q)} onRemove={clear} />}
              onClear={clear}
              empty={<None />}
              pages={{
                offset,
                limit: PAGE_SIZE,
                total,
                onOffset: (next) => onSearch({ ...search, offset: next || undefined }, "push"),
              }}
            >
              <RepositoryList source={source} repositories={repositories} />
            </Listing>
          </div>
        )}
      </QueryView>
    </Section>
  );
}

function None() {
  return (
    <div className="card px-4 py-3">
      <p className="font-medium">{words.none}</p>
      <p className="text-ink-2">{words.noneText}</p>
    </div>
  );
}

type ListProps = { source: Integration; repositories: IntegrationRepository[] };

function RepositoryList({ source, repositories }: ListProps) {
  const [hook, setHook] = useState<IntegrationRepository | null>(null);
  return (
    <>
      <ul aria-label={words.title} className="card divide-y divide-line">
        {repositories.map((repository) => (
          <Row
            key={repository.id}
            source={source}
            repository={repository}
            onHook={() => setHook(repository)}
          />
        ))}
      </ul>
      {hook && <WebhookDialog source={source} repository={hook} onClose={() => setHook(null)} />}
    </>
  );
}

type RowProps = { source: Integration; repository: IntegrationRepository; onHook: () => void };

function Row({ source, repository, onHook }: RowProps) {
  const can = useCan();
  const { full_name: name, default_branch: branch, is_private: isPrivate } = repository;
  return (
    <li className="flex flex-wrap items-center gap-x-3 gap-y-2 px-4 py-2.5">
      <RepositoryAvatar repository={repository} />
      <div className="min-w-0 grow basis-44">
        <p className="font-medium break-all">{name}</p>
        <p className="flex flex-wrap items-center gap-x-2 text-sm text-ink-3">
          <span>{isPrivate ? words.private : words.public}</span>
          {branch && (
            <span className="inline-flex items-center gap-1 break-all">
              <Icon name="branch" className="size-3.5" />
              {branch}
            </span>
          )}
        </p>
      </div>
      {source.provider === "gitlab" && can("integrations.write") && (
        <Button aria-label={words.webhookOf(name)} onClick={onHook}>
          {words.webhook}
        </Button>
      )}
      {can("projects.write") && (
        <ButtonLink to="/projects/new" search={{ q: name }} icon="add" aria-label={words.buildOf(name)}>
          {words.build}
        </ButtonLink>
      )}
    </li>
  );
}
