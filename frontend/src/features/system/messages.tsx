/** The last messages of the daemon, for its owner: read when they are opened, not with the page. Filters are in the URL. */
import { useQuery } from "@tanstack/react-query";
import { useId, useState } from "react";
import { Listing, TextFilter } from "@/components/settings";
import {
  Button,
  CopyDetails,
  EmptyState,
  Field,
  FilterChip,
  QueryView,
  Section,
  Select,
} from "@/components/ui";
import { useRuntime } from "@/lib/instances/current";
import { oneOf } from "@/lib/search";
import { t } from "@/messages";
import { system } from "@/messages/en/system";
import { MessageList } from "./message-list";
import { asText } from "./message-text";
import { messagesQuery } from "./queries";
import { LEVELS, type SystemSearch } from "./search";

const words = system.messages;
const FEW = 200;
/** What the daemon gives at most. */
const MOST = 1000;

export type OnSearch = (search: SystemSearch, history: "push" | "replace") => void;
type Props = { search: SystemSearch; onSearch: OnSearch };

export function Messages({ search, onSearch }: Props) {
  const isOpen = search.messages === "open";
  const content = useId();
  return (
    <Section title={words.title}>
      <p className="max-w-[70ch] text-ink-2">{words.text}</p>
      <div>
        <Button
          icon="log"
          aria-expanded={isOpen}
          aria-controls={content}
          onClick={() => onSearch(isOpen ? {} : { messages: "open" }, "replace")}
        >
          {isOpen ? words.hide : words.show}
        </Button>
      </div>
      <div id={content} className="flex flex-col gap-3">
        {isOpen && <Opened search={search} onSearch={onSearch} />}
      </div>
    </Section>
  );
}

function Opened({ search, onSearch }: Props) {
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

function Filters({ search, onSearch }: Props) {
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
function Chips({ search, onSearch }: Props) {
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
