/** Tests as a table, and all tests of a build as one that is searched and paged by the server. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useId, useState } from "react";
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
import { useDebounced } from "@/lib/debounce";
import { useRuntime } from "@/lib/instances/current";
import { testCasesQuery } from "@/lib/queries";
import { t } from "@/messages";
import { tests as words } from "@/messages/en/tests";

const PAGE_SIZE = 50;
const TYPING_MS = 250;

const LOOK: Record<TestOutcome, { icon: IconName; color: string }> = {
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

export function AllTests({ buildId }: { buildId: string }) {
  const [outcome, setOutcome] = useState("");
  const [text, setText] = useState("");
  const [offset, setOffset] = useState(0);
  const q = useDebounced(text.trim(), TYPING_MS);
  const filter = { outcome: outcome || undefined, q: q || undefined };
  const page = { ...filter, limit: PAGE_SIZE, offset };
  const query = useQuery({
    ...testCasesQuery(useRuntime(), buildId, page),
    placeholderData: keepPreviousData,
  });
  return (
    <Section title={words.all}>
      <search className="flex flex-wrap items-end gap-3">
        <Field label={words.search} className="min-w-0 grow basis-56 sm:max-w-80">
          <Input
            type="search"
            value={text}
            onChange={(event) => {
              setText(event.target.value);
              setOffset(0);
            }}
          />
        </Field>
        <Field label={words.show}>
          <Select
            value={outcome}
            onChange={(event) => {
              setOutcome(event.target.value);
              setOffset(0);
            }}
          >
            {Object.entries(words.which).map(([value, label]) => (
              <option key={value} value={value}>
                {label}
              </option>
            ))}
          </Select>
        </Field>
      </search>
      <QueryView query={query} name={words.allName}>
        {({ cases, total }) =>
          cases.length === 0 ? (
            <p role="status" className="text-ink-2">
              {t.state.filteredTitle}
            </p>
          ) : (
            <>
              <CaseTable label={words.all} cases={cases} />
              <Pager offset={offset} limit={PAGE_SIZE} total={total} onOffset={setOffset} />
            </>
          )
        }
      </QueryView>
    </Section>
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
                    name={LOOK[one.outcome].icon}
                    className={`mt-0.5 size-4 shrink-0 ${LOOK[one.outcome].color}`}
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
