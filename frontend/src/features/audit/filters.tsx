/** The filter bar of the audit log. The state is in the URL; it must not fetch entries. */
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Field, FilterChip, Input, Select } from "@/components/ui";
import { useRuntime } from "@/lib/instances/current";
import { usersQuery } from "@/lib/queries";
import { t } from "@/messages";
import { audit as words } from "@/messages/en/audit";
import { actName, choices, resourceName } from "./names";
import { type AuditSearch, DEFAULT_SORT, SORTS } from "./search";
import { type AuditFilter, filtersIn } from "./wire";

export type OnSearch = (search: AuditSearch, history: "push" | "replace") => void;
type Props = { search: AuditSearch; onSearch: OnSearch };

const MOST_PEOPLE = 100;

function usePeople(): { id: string; email: string }[] {
  const query = { limit: MOST_PEOPLE, sort: "email", direction: "asc" };
  return useQuery(usersQuery(useRuntime(), query)).data?.users ?? [];
}

export function AuditFilters({ search, onSearch }: Props) {
  const people = usePeople();
  const set = (patch: Partial<AuditSearch>) => onSearch({ ...search, ...patch, offset: undefined }, "push");
  const isStranger = search.actor !== undefined && !people.some(({ id }) => id === search.actor);
  return (
    <search className="flex flex-wrap items-end gap-3">
      <Choose label={words.actor} value={search.actor} onValue={(actor) => set({ actor })}>
        {people.map(({ id, email }) => (
          <option key={id} value={id}>
            {email}
          </option>
        ))}
        {isStranger && <option value={search.actor}>{`${words.unknownActor} ${search.actor}`}</option>}
      </Choose>
      <Choose label={words.action} value={search.action} onValue={(action) => set({ action })}>
        {choices(words.acts, search.action).map((name) => (
          <option key={name} value={name}>
            {actName(name)}
          </option>
        ))}
      </Choose>
      <Choose label={words.resource} value={search.resource} onValue={(resource) => set({ resource })}>
        {choices(words.resources, search.resource).map((name) => (
          <option key={name} value={name}>
            {resourceName(name)}
          </option>
        ))}
      </Choose>
      <Day label={words.from} value={search.from} onValue={(from) => set({ from })} />
      <Day label={words.to} value={search.to} onValue={(to) => set({ to })} />
      <Field label={words.sort} className="grow basis-36 sm:max-w-44">
        <Select
          value={search.sort ?? DEFAULT_SORT}
          onChange={(event) => {
            const sort = SORTS.find((known) => known === event.target.value);
            set({ sort: sort === DEFAULT_SORT ? undefined : sort });
          }}
        >
          {SORTS.map((sort) => (
            <option key={sort} value={sort}>
              {words.sorts[sort]}
            </option>
          ))}
        </Select>
      </Field>
    </search>
  );
}

type ChooseProps = {
  label: string;
  value: string | undefined;
  onValue: (value: string | undefined) => void;
  children: ReactNode;
};

function Choose({ label, value, onValue, children }: ChooseProps) {
  return (
    <Field label={label} className="min-w-0 grow basis-36 sm:max-w-52">
      <Select value={value ?? ""} onChange={(event) => onValue(event.target.value || undefined)}>
        <option value="">{words.any}</option>
        {children}
      </Select>
    </Field>
  );
}

type DayProps = { label: string; value: string | undefined; onValue: (day: string | undefined) => void };

function Day({ label, value, onValue }: DayProps) {
  return (
    <Field label={label} className="grow basis-32 sm:max-w-40">
      <Input type="date" value={value ?? ""} onChange={(event) => onValue(event.target.value || undefined)} />
    </Field>
  );
}

/** The filters in use, each removable. */
export function FilterChips({ search, onSearch }: Props) {
  const people = usePeople();
  const values: Record<AuditFilter, string | undefined> = {
    actor: people.find(({ id }) => id === search.actor)?.email ?? search.actor,
    action: search.action && actName(search.action),
    resource: search.resource && resourceName(search.resource),
    from: search.from,
    to: search.to,
  };
  return filtersIn(search).map((name) => (
    <FilterChip
      key={name}
      label={t.state.filter(words[name], values[name] ?? "")}
      onRemove={() => onSearch({ ...search, [name]: undefined, offset: undefined }, "push")}
    />
  ));
}
