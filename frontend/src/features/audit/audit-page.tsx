/** The audit log: filters, order and page in the URL, entries that open, export of what the filters show. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Listing, SETTINGS_PARENTS, SettingsFrame } from "@/components/settings";
import { Page } from "@/components/shell";
import { Button, EmptyState, QueryView, useToasts } from "@/components/ui";
import { saveAs } from "@/lib/download";
import { useRuntime } from "@/lib/instances/current";
import { audit as words } from "@/messages/en/audit";
import { AuditEntries } from "./entries";
import { AuditFilters, FilterChips, type OnSearch } from "./filters";
import { auditQuery } from "./queries";
import type { AuditSearch } from "./search";
import { exportPath, filtersIn, PAGE_SIZE } from "./wire";

type Props = { search: AuditSearch; onSearch: OnSearch };

export function AuditPage({ search, onSearch }: Props) {
  const query = useQuery({ ...auditQuery(useRuntime(), search), placeholderData: keepPreviousData });
  const isFiltered = filtersIn(search).length > 0 || search.offset !== undefined;
  return (
    <SettingsFrame>
      <Page title={words.title} parents={SETTINGS_PARENTS} actions={query.data && <Export search={search} />}>
        {!query.isError && <AuditFilters search={search} onSearch={onSearch} />}
        <QueryView query={query} name={words.name}>
          {({ entries, total }) => (
            <div className="flex flex-col gap-3">
              <Listing
                count={entries.length}
                isFiltered={isFiltered}
                chips={<FilterChips search={search} onSearch={onSearch} />}
                onClear={() => onSearch({ sort: search.sort }, "push")}
                empty={<Empty />}
                pages={{
                  offset: search.offset ?? 0,
                  limit: PAGE_SIZE,
                  total,
                  onOffset: (offset) => onSearch({ ...search, offset: offset || undefined }, "push"),
                }}
              >
                <AuditEntries entries={entries} />
              </Listing>
              <p className="text-sm text-ink-3">{words.text}</p>
            </div>
          )}
        </QueryView>
      </Page>
    </SettingsFrame>
  );
}

function Empty() {
  return (
    <EmptyState icon="log" title={words.emptyTitle}>
      <p>{words.emptyText}</p>
    </EmptyState>
  );
}

function Export({ search }: { search: AuditSearch }) {
  const runtime = useRuntime();
  const { toastError } = useToasts();
  const [saving, setSaving] = useState(false);
  async function save() {
    setSaving(true);
    await saveAs(runtime.api, exportPath(search), words.exportFile).catch(toastError);
    setSaving(false);
  }
  return (
    <Button icon="download" pending={saving} onClick={() => void save()}>
      {words.export}
    </Button>
  );
}
