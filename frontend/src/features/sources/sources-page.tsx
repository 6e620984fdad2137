/** The sources of the instance: search, kind and place in the URL; the way to connect one. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { Integration } from "@/api/types";
import { Listing, SETTINGS_PARENTS, SettingsFrame, TextFilter } from "@/components/settings";
import { Page } from "@/components/shell";
import {
  hostName,
  LocalModeState,
  ProviderLabel,
  SourceBadge,
  sourceName,
  sourcesQuery,
} from "@/components/sources";
import {
  Banner,
  Button,
  ButtonLink,
  EmptyState,
  Field,
  FilterChip,
  QueryView,
  Select,
  TimeAgo,
} from "@/components/ui";
import { useCan, useRuntimeMode } from "@/lib/capabilities";
import { useRuntime } from "@/lib/instances/current";
import { t } from "@/messages";
import { sourceNames as names } from "@/messages/en/source-names";
import { sources as words } from "@/messages/en/sources";
import { PAGE_SIZE, PROVIDERS, type SourcesSearch } from "./list-search";

type Props = {
  search: SourcesSearch;
  onSearch: (search: SourcesSearch, history: "push" | "replace") => void;
};

export function SourcesPage({ search, onSearch }: Props) {
  const { q, provider, offset = 0 } = search;
  const can = useCan();
  const mode = useRuntimeMode();
  const query = useQuery({
    ...sourcesQuery(useRuntime(), { q, provider, offset, limit: PAGE_SIZE }),
    placeholderData: keepPreviousData,
  });
  const mayConnect = can("integrations.write") && mode === "remote";
  return (
    <SettingsFrame>
      <Page title={names.title} parents={SETTINGS_PARENTS} actions={mayConnect && <ConnectLink />}>
        {search.github && (
          <Installed onDismiss={() => onSearch({ ...search, github: undefined }, "replace")} />
        )}
        {!query.isError && <Filters search={search} onSearch={onSearch} />}
        <QueryView query={query} name={words.name}>
          {({ integrations, total }) => (
            <div>
              <Listing
                count={integrations.length}
                isFiltered={Boolean(q || provider || offset > 0)}
                chips={<Chips search={search} onSearch={onSearch} />}
                onClear={() => onSearch({}, "push")}
                empty={<Empty mayConnect={mayConnect} />}
                pages={{
                  offset,
                  limit: PAGE_SIZE,
                  total,
                  onOffset: (next) => onSearch({ ...search, offset: next || undefined }, "push"),
                }}
              >
                <SourceList sources={integrations} />
              </Listing>
            </div>
          )}
        </QueryView>
      </Page>
    </SettingsFrame>
  );
}

function ConnectLink() {
  return (
    <ButtonLink to="/settings/integrations/new" variant="primary" icon="add">
      {names.connect}
    </ButtonLink>
  );
}

/** Somebody comes back from GitHub in another browser than the one they began in. */
function Installed({ onDismiss }: { onDismiss: () => void }) {
  return (
    <Banner
      tone="info"
      title={words.installedTitle}
      actions={<Button onClick={onDismiss}>{t.action.dismiss}</Button>}
    >
      <p>{words.installedText}</p>
    </Banner>
  );
}

function Filters({ search, onSearch }: Props) {
  return (
    <search className="flex flex-wrap items-end gap-3">
      <TextFilter
        label={words.search}
        placeholder={words.searchPlaceholder}
        value={search.q}
        onValue={(q) => onSearch({ ...search, q, offset: undefined }, "replace")}
      />
      <Field label={words.provider}>
        <Select
          value={search.provider ?? ""}
          onChange={(event) => {
            const provider = PROVIDERS.find((name) => name === event.target.value);
            onSearch({ ...search, provider, offset: undefined }, "push");
          }}
        >
          <option value="">{words.anyProvider}</option>
          {PROVIDERS.map((name) => (
            <option key={name} value={name}>
              {names.providers[name]}
            </option>
          ))}
        </Select>
      </Field>
    </search>
  );
}

function Chips({ search, onSearch }: Props) {
  const { q, provider } = search;
  return (
    <>
      {q && <FilterChip label={t.state.quoted(q)} onRemove={() => onSearch({ provider }, "push")} />}
      {provider && (
        <FilterChip
          label={t.state.filter(words.provider, names.providers[provider])}
          onRemove={() => onSearch({ q }, "push")}
        />
      )}
    </>
  );
}

function Empty({ mayConnect }: { mayConnect: boolean }) {
  const mode = useRuntimeMode();
  if (mode === "local") return <LocalModeState />;
  return (
    <EmptyState icon="branch" title={words.emptyTitle} actions={mayConnect && <ConnectLink />}>
      <p>{words.emptyText}</p>
      {!mayConnect && <p>{words.emptyReadOnly}</p>}
    </EmptyState>
  );
}

function SourceList({ sources }: { sources: Integration[] }) {
  return (
    <ul aria-label={names.title} className="card divide-y divide-line">
      {sources.map((source) => (
        <li
          key={source.id}
          className="relative flex flex-wrap items-start gap-x-4 gap-y-1 px-4 py-2.5 hover:bg-canvas"
        >
          <div className="min-w-0 grow basis-56">
            <Link
              to="/settings/integrations/$integrationId"
              params={{ integrationId: source.id }}
              className="tap font-medium break-words after:absolute after:inset-0 hover:underline"
            >
              {sourceName(source)}
            </Link>
            <p className="flex flex-wrap gap-x-2 text-sm break-all text-ink-3">
              <ProviderLabel provider={source.provider} />
              {source.provider !== "local_git" && hostName(source.host_url)}
            </p>
            {source.status === "error" && (
              <p className="break-words text-ink-2">{source.status_reason ?? words.broken}</p>
            )}
          </div>
          <div className="flex items-center gap-3 sm:flex-col sm:items-end sm:gap-1">
            <SourceBadge status={source.status} />
            {source.provider !== "local_git" && (
              <span className="text-sm text-ink-3">
                {source.synced_at ? (
                  <>
                    {words.synced} <TimeAgo at={source.synced_at} />
                  </>
                ) : (
                  words.neverSynced
                )}
              </span>
            )}
          </div>
        </li>
      ))}
    </ul>
  );
}
