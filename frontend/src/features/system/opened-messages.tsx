/** The messages of the daemon once they are opened: filters, list, copy. Loaded with the first look at them. */
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Listing, TextFilter } from "@/components/settings";
import { Button, CopyDetails, EmptyState, Field, FilterChip, QueryView, Select } from "@/components/ui";
import { useRuntime } from "@/lib/instances/current";
import { oneOf } from "@/lib/search";
import { t } from "@/messages";
import { daemonMessages as words } from "@/messages/en/daemon-messages";
import { MessageList } from "./message-list";
import { asText } from "./message-text";
import { messagesQuery } from "./messages-query";
import type { MessagesProps, SystemSearch } from "./search";

// Not those of ./search, which would make one more request of the page.
const LEVELS = ["warn", "error"] as const satisfies readonly SystemSearch["level"][];
const FEW = 200;
/** What the daemon gives at most. */
const MOST = 1000;

export default function OpenedMessages({ search, onSearch }: MessagesProps) {
  const [limit, setLimit] = useState(FEW);
  const query = useQuery(messagesQuery(useRuntime(), search, limit));
  const messages = query.data?.messages ?? [];
  return (
    <>
      <Filters search={search} onSearch={onSearch} />
      <div className="flex flex-wrap gap-2">
        <Button icon="rerun" pending={query.isFetching} onClick={() => void query.refetch()}>
          {words.refresh}
        </Button>
        {messages.length > 0 && <CopyDetails text={asText(messages)} label={words.copy} />}
      </div>
      <QueryView query={query} name={words.name}>
        {() => (
          <Listing
            count={messages.length}
            isFiltered={Boolean(search.level || search.q)}
            chips={<Chips search={search} onSearch={onSearch} />}
            onClear={() => onSearch({ messages: "open" }, "push")}
            empty={<Empty />}
          >
            <MessageList messages={messages} />
            {messages.length >= limit && <End limit={limit} onMore={() => setLimit(MOST)} />}
          </Listing>
        )}
      </QueryView>
    </>
  );
}

function Empty() {
  return (
    <EmptyState icon="log" title={words.empty}>
      <p>{words.emptyText}</p>
    </EmptyState>
  );
}

function End({ limit, onMore }: { limit: number; onMore: () => void }) {
  return (
    <div className="flex flex-wrap items-center gap-3 text-sm text-ink-3">
      <p>{words.newest(limit)}</p>
      {limit < MOST && <Button onClick={onMore}>{words.older}</Button>}
    </div>
  );
}

function Filters({ search, onSearch }: MessagesProps) {
  return (
    <search className="flex flex-wrap items-end gap-3">
      <Field label={words.level} className="grow basis-36 sm:max-w-52">
        <Select
          value={search.level ?? ""}
          onChange={(event) => onSearch({ ...search, level: oneOf(event.target.value, LEVELS) }, "push")}
        >
          <option value="">{words.levels.all}</option>
          {LEVELS.map((level) => (
            <option key={level} value={level}>
              {words.levels[level]}
            </option>
          ))}
        </Select>
      </Field>
      <TextFilter
        label={words.q}
        placeholder={words.placeholder}
        value={search.q}
        onValue={(q) => onSearch({ ...search, q }, "replace")}
      />
    </search>
  );
}

/** The filters in use, each removable. */
function Chips({ search, onSearch }: MessagesProps) {
  const values = { level: search.level && words.levels[search.level], q: search.q };
  return (["level", "q"] as const).map((name) => {
    const value = values[name];
    const without = { ...search, [name]: undefined };
    return (
      value && (
        <FilterChip
          key={name}
          label={t.state.filter(words[name], value)}
          onRemove={() => onSearch(without, "push")}
        />
      )
    );
  });
}
