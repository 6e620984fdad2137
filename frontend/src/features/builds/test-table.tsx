/** Tests as a table, and all tests of a build as one that is searched and paged by the server. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useId } from "react";
import type { TestCase, TestOutcome } from "@/api/types";
import {
  Duration,
  Field,
  Icon,
  type IconName,
  Input,
  Pager,
  QueryView,
  Section,
  Select,
} from "@/components/ui";
import { useTypedText } from "@/lib/debounce";
import { useRuntime } from "@/lib/instances/current";
import { oneOf } from "@/lib/search";
import { t } from "@/messages";
import { tests as words } from "@/messages/en/tests";
import { type BuildSearch, type OnBuildSearch, TEST_OUTCOMES } from "./search";
import { testCasesQuery } from "./test-queries";

const PAGE_SIZE = 50;

const ON_WIRE = { failed: "failed,error", passed: "passed", skipped: "skipped" } satisfies Record<
  (typeof TEST_OUTCOMES)[number],
  string
>;

export const OUTCOME_LOOK: Record<TestOutcome, { icon: IconName; color: string }> = {
  passed: { icon: "passed", color: "text-passed" },
  failed: { icon: "octagon", color: "text-failed" },
  error: { icon: "alert", color: "text-failed" },
  skipped: { icon: "slash", color: "text-ink-3" },
};

/** Where a test is, as editors take it. */
export function placeOf({ file, line }: TestCase): string | null {
  if (!file) return null;
  return line ? `${file}:${line}` : file;
}

export function Place({ case: one }: { case: TestCase }) {
  const place = placeOf(one);
  return place && <span className="font-mono text-xs break-all text-ink-3">{place}</span>;
}

/** Which part of the list is shown; the address keeps it. */
export type ListPlace = { search: BuildSearch; onSearch: OnBuildSearch };

export function AllTests({ buildId, search, onSearch }: ListPlace & { buildId: string }) {
  const { outcome, q, offset = 0 } = search;
  const query = useQuery({
    ...testCasesQuery(useRuntime(), buildId, {
      outcome: outcome && ON_WIRE[outcome],
      q,
      limit: PAGE_SIZE,
      offset,
    }),
    placeholderData: keepPreviousData,
  });
  const total = query.data?.total;
  return (
    <Section title={words.all}>
      <search className="flex flex-wrap items-end gap-3">
        <SearchBox
          value={q}
          onValue={(text) => onSearch({ ...search, q: text, offset: undefined }, "replace")}
        />
        <Field label={words.show}>
          <Select
            value={outcome ?? ""}
            onChange={({ target }) =>
              onSearch({ ...search, outcome: oneOf(target.value, TEST_OUTCOMES), offset: undefined }, "push")
            }
          >
            {["" as const, ...TEST_OUTCOMES].map((one) => (
              <option key={one} value={one}>
                {words.which[one]}
              </option>
            ))}
          </Select>
        </Field>
      </search>
      <p role="status" className="text-sm text-ink-2">
        {total !== undefined && (total === 0 ? t.state.filteredTitle : t.builds.tests(total))}
      </p>
      <div aria-busy={query.isPlaceholderData}>
        <QueryView query={query} name={words.allName}>
          {({ cases, total }) => (
            <>
              {cases.length > 0 && <CaseTable label={words.all} cases={cases} />}
              <Pager
                offset={offset}
                limit={PAGE_SIZE}
                total={total}
                onOffset={(next) => onSearch({ ...search, offset: next || undefined }, "push")}
              />
            </>
          )}
        </QueryView>
      </div>
    </Section>
  );
}

type SearchBoxProps = { value: string | undefined; onValue: (value: string | undefined) => void };

function SearchBox({ value, onValue }: SearchBoxProps) {
  const [text, setText] = useTypedText(value, onValue);
  return (
    <Field label={words.search} className="min-w-0 grow basis-56 sm:max-w-80">
      <Input type="search" value={text} onChange={({ target }) => setText(target.value)} />
    </Field>
  );
}

export function CaseTable({ label, cases }: { label: string; cases: readonly TestCase[] }) {
  const id = useId();
  return (
    <div className="card">
      <table className="w-full text-start">
        <caption className="sr-only">{label}</caption>
        <thead className="text-sm text-ink-2">
          <tr>
            <th scope="col" className="px-4 py-2 text-start font-medium">
              {words.test}
            </th>
            <th scope="col" className="px-4 py-2 text-end font-medium">
              {words.duration}
            </th>
          </tr>
        </thead>
        <tbody>
          {cases.map((one, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: names of tests need not differ
            <tr key={`${id}-${index}`} className="border-t border-line align-top">
              <th scope="row" className="w-full px-4 py-2 text-start font-normal">
                <span className="flex items-start gap-2">
                  <Icon
                    name={OUTCOME_LOOK[one.outcome].icon}
                    className={`mt-0.5 size-4 shrink-0 ${OUTCOME_LOOK[one.outcome].color}`}
                  />
                  <span className="flex min-w-0 flex-col gap-0.5">
                    <span className="wrap-anywhere">
                      <span className="sr-only">{words.outcome[one.outcome]}: </span>
                      {one.name}
                    </span>
                    <Place case={one} />
                  </span>
                </span>
              </th>
              <td className="px-4 py-2 text-end whitespace-nowrap">
                <Duration ms={one.duration_ms} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
