/** API tokens: a person's own, or all where the server lists all. Secrets are shown once, after making one. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { ACCOUNT_PARENTS, AccountFrame, Listing, TextFilter } from "@/components/settings";
import { Page } from "@/components/shell";
import { Button, EmptyState, FilterChip, QueryView } from "@/components/ui";
import { useCan } from "@/lib/capabilities";
import { useRuntime } from "@/lib/instances/current";
import { t } from "@/messages";
import { tokens as words } from "@/messages/en/tokens";
import { CreateDialog } from "./create-dialog";
import { PAGE_SIZE, tokensQuery } from "./queries";
import type { TokensSearch } from "./search";
import { TokenTable } from "./token-table";

type Props = {
  search: TokensSearch;
  onSearch: (search: TokensSearch, history: "push" | "replace") => void;
};

export function TokensPage({ search, onSearch }: Props) {
  const query = useQuery({ ...tokensQuery(useRuntime(), search), placeholderData: keepPreviousData });
  const isFiltered = Boolean(search.q || search.offset);
  const clear = () => onSearch({}, "push");
  return (
    <AccountFrame>
      <Page title={words.title} parents={ACCOUNT_PARENTS} actions={<Create />}>
        <QueryView query={query} name={words.title}>
          {({ tokens, total }) => (
            <div className="flex flex-col gap-4">
              <p className="max-w-[70ch] text-ink-2">{words.text}</p>
              {(total > 0 || isFiltered) && (
                <search>
                  <TextFilter
                    label={words.search}
                    placeholder={words.searchPlaceholder}
                    value={search.q}
                    onValue={(q) => onSearch({ q }, "replace")}
                  />
                </search>
              )}
              <Listing
                count={tokens.length}
                isFiltered={isFiltered}
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
                <TokenTable tokens={tokens} />
              </Listing>
            </div>
          )}
        </QueryView>
      </Page>
    </AccountFrame>
  );
}

function Empty() {
  return (
    <EmptyState icon="denied" title={words.emptyTitle}>
      <p>{words.emptyText}</p>
    </EmptyState>
  );
}

function Create() {
  const can = useCan();
  const [open, setOpen] = useState(false);
  if (!can("api_tokens.write")) return null;
  return (
    <>
      <Button variant="primary" icon="add" onClick={() => setOpen(true)}>
        {words.create.open}
      </Button>
      {open && <CreateDialog onClose={() => setOpen(false)} />}
    </>
  );
}
