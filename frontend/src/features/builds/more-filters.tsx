/** The filters of the build list that are needed now and then, shown on request. It must not fetch builds. */
import { useQuery } from "@tanstack/react-query";
import { Field, Input } from "@/components/ui";
import { useCan } from "@/lib/capabilities";
import { useNow } from "@/lib/clock";
import { dayOf, isDay } from "@/lib/days";
import { useTypedText } from "@/lib/debounce";
import { useRuntime } from "@/lib/instances/current";
import { platformName } from "@/lib/platform";
import { runnersQuery } from "@/lib/queries";
import { oneOf } from "@/lib/search";
import { t } from "@/messages";
import { filterWords as words } from "@/messages/en/build-filters";
import { listWords } from "@/messages/en/build-list";
import { ChoiceFilter } from "./choice-filter";
import {
  type BuildsSearch,
  daysOf,
  type OnSearch,
  PERIOD_NAMES,
  PERIODS,
  PLATFORMS,
  RUNNERS,
  TRIGGERS,
} from "./list-search";

type Props = { search: BuildsSearch; onSearch: OnSearch };

/** `onClose` is for what asks for this part: it can't be closed from inside. */
export default function MoreFilters({ search, onSearch }: Props & { onClose: () => void }) {
  const can = useCan();
  const set = (patch: Partial<BuildsSearch>) => onSearch({ ...search, ...patch, offset: undefined }, "push");
  return (
    <>
      <ChoiceFilter
        label={listWords.trigger}
        any={listWords.any}
        value={search.trigger}
        onValue={(value) => set({ trigger: oneOf(value, TRIGGERS) })}
      >
        {TRIGGERS.map((trigger) => (
          <option key={trigger} value={trigger}>
            {t.builds.trigger[trigger]}
          </option>
        ))}
      </ChoiceFilter>
      <ChoiceFilter
        label={words.platform}
        any={listWords.any}
        value={search.platform}
        onValue={(value) => set({ platform: oneOf(value, PLATFORMS) })}
      >
        {PLATFORMS.map((platform) => (
          <option key={platform} value={platform}>
            {platformName(platform)}
          </option>
        ))}
      </ChoiceFilter>
      {can("runners.read") && <RunnerFilter value={search.runner} onValue={(runner) => set({ runner })} />}
      <DateFilter search={search} onSearch={onSearch} />
    </>
  );
}

type RunnerProps = { value: string | undefined; onValue: (value: string | undefined) => void };

function RunnerFilter({ value, onValue }: RunnerProps) {
  const runners = useQuery(runnersQuery(useRuntime(), RUNNERS)).data?.runners ?? [];
  const isStranger = value !== undefined && !runners.some(({ id }) => id === value);
  return (
    <ChoiceFilter label={words.runner} any={listWords.any} value={value} onValue={onValue}>
      {runners.map(({ id, name }) => (
        <option key={id} value={id}>
          {name}
        </option>
      ))}
      {isStranger && <option value={value}>{value}</option>}
    </ChoiceFilter>
  );
}

/** Stands in the choice for days that are given one by one. */
const DAYS = "days";

function DateFilter({ search, onSearch }: Props) {
  const now = useNow("minute");
  const { when, from, to } = search;
  const hasDays = Boolean(from || to);
  const set = (patch: Pick<BuildsSearch, "when" | "from" | "to">, history: "push" | "replace") =>
    onSearch({ ...search, when: undefined, ...patch, offset: undefined }, history);
  function choose(value: string | undefined) {
    const none = { from: undefined, to: undefined };
    if (value !== DAYS) return set({ ...none, when: oneOf(value, PERIOD_NAMES) }, "push");
    const begin = daysOf(search, now).from ?? dayOf(now, PERIODS["7d"]);
    set({ from: begin, to: dayOf(now) }, "push");
  }
  return (
    <>
      <ChoiceFilter
        label={words.date}
        any={words.anyDay}
        value={when ?? (hasDays ? DAYS : undefined)}
        onValue={choose}
      >
        {PERIOD_NAMES.map((period) => (
          <option key={period} value={period}>
            {words.when[period]}
          </option>
        ))}
        <option value={DAYS}>{words.days}</option>
      </ChoiceFilter>
      {hasDays && (
        <>
          <Day label={words.from} value={from} onValue={(day) => set({ from: day, to }, "replace")} />
          <Day
            label={words.to}
            value={to}
            onValue={(day) => set({ from, to: day }, "replace")}
            error={from && to && from > to ? words.reversed : null}
          />
        </>
      )}
    </>
  );
}

type DayProps = {
  label: string;
  value: string | undefined;
  onValue: (day: string | undefined) => void;
  error?: string | null;
};

/**
 * A year that is being typed goes through others on its way: what settles is passed on, as with text. A day that is half typed
 * is none for the browser, so that there is none is passed on when the field is left.
 */
function Day({ label, value, onValue, error }: DayProps) {
  const [text, setText] = useTypedText(value, (day) => isDay(day) && onValue(day));
  return (
    <Field label={label} error={error} className="grow basis-32 sm:max-w-44">
      <Input
        type="date"
        value={text}
        onChange={(event) => setText(event.target.value)}
        onBlur={() => text === "" && value && onValue(undefined)}
      />
    </Field>
  );
}
