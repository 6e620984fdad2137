/** The filter bar of deliveries. The state is in the URL; it must not fetch deliveries. */
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { sourceName, sourceQuery } from "@/components/sources";
import { Field, FilterChip, Input, Select } from "@/components/ui";
import { useTypedText } from "@/lib/debounce";
import { useRuntime } from "@/lib/instances/current";
import { t } from "@/messages";
import { deliveries as words } from "@/messages/en/deliveries";
import { changed, type DeliveriesSearch } from "./search";
import { type DeliveryFilter, filtersIn, OUTCOMES } from "./wire";

export type OnSearch = (search: DeliveriesSearch, history: "push" | "replace") => void;
type Props = { search: DeliveriesSearch; onSearch: OnSearch };

const outcomeNames: Record<string, string> = words.outcomes;

export function DeliveryFilters({ search, onSearch }: Props) {
  const set = (patch: DeliveriesSearch, history: "push" | "replace" = "push") =>
    onSearch(changed(search, patch), history);
  return (
    <search className="flex flex-wrap items-end gap-3">
      <Field label={words.outcome} className="min-w-0 grow basis-36 sm:max-w-44">
        <Select value={search.outcome ?? ""} onChange={(event) => set({ outcome: event.target.value })}>
          <option value="">{words.any}</option>
          {OUTCOMES.map((name) => (
            <option key={name} value={name}>
              {words.outcomes[name]}
            </option>
          ))}
        </Select>
      </Field>
      <Field label={words.event} className="min-w-0 grow basis-36 sm:max-w-52">
        <Select value={search.event ?? ""} onChange={(event) => set({ event: event.target.value })}>
          <option value="">{words.any}</option>
          {Object.entries(words.events).map(([name, label]) => (
            <option key={name} value={name}>
              {label}
            </option>
          ))}
          {search.event && !(search.event in words.events) && (
            <option value={search.event}>{search.event}</option>
          )}
        </Select>
      </Field>
      <Text label={words.search} value={search.q} onValue={(q) => set({ q }, "replace")} />
      <Text label={words.commit} value={search.commit} onValue={(commit) => set({ commit }, "replace")} />
    </search>
  );
}

type TextProps = { label: string; value: string | undefined; onValue: (text: string | undefined) => void };

function Text({ label, value, onValue }: TextProps) {
  const [typed, setTyped] = useTypedText(value, onValue);
  return (
    <Field label={label} className="min-w-0 grow basis-40 sm:max-w-56">
      <Input type="search" value={typed} onChange={(event) => setTyped(event.target.value)} />
    </Field>
  );
}

/** The source that the list is narrowed to: it is chosen on the source's page, and the way back leads there. */
export function SourceChip({ search, onSearch }: Props) {
  const id = search.source ?? "";
  const { data } = useQuery({ ...sourceQuery(useRuntime(), id), enabled: id !== "" });
  if (!id) return null;
  return (
    <p className="flex flex-wrap items-center gap-x-3 gap-y-1">
      <FilterChip
        label={t.state.filter(words.source, data ? sourceName(data.integration) : "…")}
        onRemove={() => onSearch(changed(search, { source: undefined }), "push")}
      />
      <Link
        to="/settings/integrations/$integrationId"
        params={{ integrationId: id }}
        className="tap text-accent hover:underline"
      >
        {words.toSource}
      </Link>
    </p>
  );
}

/** The filters in use, each removable; the source has a chip of its own above the list. */
export function FilterChips({ search, onSearch }: Props) {
  const labels: Record<DeliveryFilter, string> = {
    source: words.source,
    outcome: words.outcome,
    event: words.event,
    commit: words.commit,
    q: words.search,
  };
  const values: Record<DeliveryFilter, string | undefined> = {
    source: search.source,
    outcome: search.outcome && (outcomeNames[search.outcome] ?? search.outcome),
    event: search.event && (words.events[search.event] ?? search.event),
    commit: search.commit,
    q: search.q,
  };
  const names = filtersIn(search).filter((name) => name !== "source");
  return names.map((name) => (
    <FilterChip
      key={name}
      label={t.state.filter(labels[name], values[name] ?? "")}
      onRemove={() => onSearch(changed(search, { [name]: undefined }), "push")}
    />
  ));
}
