/** Everybody who has an account: search, order, paging in the URL; inviting, importing, exporting. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Listing, SETTINGS_PARENTS, SettingsFrame, TextFilter } from "@/components/settings";
import { Page } from "@/components/shell";
import { Button, EmptyState, Field, FilterChip, QueryView, Select, useToasts } from "@/components/ui";
import { useCan } from "@/lib/capabilities";
import { saveAs } from "@/lib/download";
import { useRuntime } from "@/lib/instances/current";
import { usersQuery } from "@/lib/queries";
import { t } from "@/messages";
import { people as words } from "@/messages/en/people";
import { ImportDialog } from "./import-dialog";
import { InviteDialog } from "./invite-dialog";
import { PeopleTable } from "./people-table";
import { DEFAULT_SORT, PAGE_SIZE, type PeopleSearch, type PeopleSort, SORTS, toQuery } from "./search";

type Props = {
  search: PeopleSearch;
  onSearch: (search: PeopleSearch, history: "push" | "replace") => void;
};

export function PeoplePage({ search, onSearch }: Props) {
  const query = useQuery({ ...usersQuery(useRuntime(), toQuery(search)), placeholderData: keepPreviousData });
  const sort = search.sort ?? DEFAULT_SORT;
  const changeSort = (next: string) => {
    const known = SORTS.find((item) => item === next);
    onSearch({ ...search, sort: known === DEFAULT_SORT ? undefined : known, offset: undefined }, "push");
  };
  const clear = () => onSearch({ sort: search.sort }, "push");
  return (
    <SettingsFrame>
      <Page title={words.title} parents={SETTINGS_PARENTS} actions={<Actions />}>
        {!query.isError && (
          <search className="flex flex-wrap items-end gap-3">
            <TextFilter
              label={words.search}
              placeholder={words.searchPlaceholder}
              value={search.q}
              onValue={(q) => onSearch({ ...search, q, offset: undefined }, "replace")}
            />
            <SortChoice sort={sort} onSort={changeSort} />
          </search>
        )}
        <QueryView query={query} name={words.title}>
          {({ users, total }) => (
            <div>
              <Listing
                count={users.length}
                isFiltered={Boolean(search.q || search.offset)}
                chips={search.q && <FilterChip label={t.state.quoted(search.q)} onRemove={clear} />}
                onClear={clear}
                empty={<Empty />}
                pages={{
                  offset: search.offset ?? 0,
                  limit: PAGE_SIZE,
                  total,
                  onOffset: (offset) => onSearch({ ...search, offset: offset || undefined }, "push"),
                }}
              >
                <PeopleTable users={users} sort={sort} onSort={changeSort} />
              </Listing>
            </div>
          )}
        </QueryView>
      </Page>
    </SettingsFrame>
  );
}

function Empty() {
  return (
    <EmptyState icon="user" title={words.emptyTitle}>
      <p>{words.emptyText}</p>
    </EmptyState>
  );
}

/** On wide windows the table's head sorts. */
function SortChoice({ sort, onSort }: { sort: PeopleSort; onSort: (sort: string) => void }) {
  return (
    <Field label={words.sort} className="md:hidden">
      <Select value={sort} onChange={(event) => onSort(event.target.value)}>
        {SORTS.map((item) => (
          <option key={item} value={item}>
            {words.sorts[item]}
          </option>
        ))}
      </Select>
    </Field>
  );
}

function Actions() {
  const runtime = useRuntime();
  const { toastError } = useToasts();
  const can = useCan();
  const [open, setOpen] = useState<"invite" | "import" | null>(null);
  const [saving, setSaving] = useState(false);
  const close = () => setOpen(null);
  async function save() {
    setSaving(true);
    await saveAs(runtime.api, "/v1/users/export", words.exportFile).catch(toastError);
    setSaving(false);
  }
  return (
    <>
      {can("users.read") && (
        <Button icon="download" pending={saving} onClick={() => void save()}>
          {words.export}
        </Button>
      )}
      {can("users.invite") && can("users.write") && (
        <Button icon="up" onClick={() => setOpen("import")}>
          {words.import.open}
        </Button>
      )}
      {can("users.invite") && (
        <Button variant="primary" icon="add" onClick={() => setOpen("invite")}>
          {words.invite.open}
        </Button>
      )}
      {open === "invite" && <InviteDialog onClose={close} />}
      {open === "import" && <ImportDialog onClose={close} />}
    </>
  );
}
