/**
 * What the tests and the analysis of a build found: counts, failures first, then the slowest, all tests and findings by
 * file. Texts come from whatever a build wrote: shown as text, and nothing in them becomes a link.
 */
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { Build, BuildTests, TestCase, TestSummary } from "@/api/types";
import {
  Banner,
  CopyButton,
  Duration,
  EmptyState,
  Icon,
  type IconName,
  isActive,
  QueryView,
  Section,
} from "@/components/ui";
import { formatNumber } from "@/lib/format";
import { useRuntime } from "@/lib/instances/current";
import { tests as words } from "@/messages/en/tests";
import { AnalysisSection } from "./analysis-section";
import { testsQuery } from "./test-queries";
import { AllTests, CaseTable, type ListPlace, OUTCOME_LOOK, Place, placeOf } from "./test-table";

type Props = { build: Build } & ListPlace;

export default function TestsView({ build, ...place }: Props) {
  const query = useQuery(testsQuery(useRuntime(), build.id));
  return (
    <QueryView query={query} name={words.name}>
      {(found) =>
        found.tests || found.analysis ? (
          <Found build={build} found={found} {...place} />
        ) : (
          <Empty build={build} />
        )
      }
    </QueryView>
  );
}

function Empty({ build }: { build: Build }) {
  if (isActive(build.status)) {
    return (
      <EmptyState icon="clock" title={words.emptyTitle}>
        <p>{words.emptyActive}</p>
      </EmptyState>
    );
  }
  return (
    <EmptyState icon="log" title={words.emptyTitle}>
      <p>{words.emptyText}</p>
      <figure className="flex flex-col gap-1">
        <figcaption className="flex items-center justify-between gap-2 text-sm">
          {words.snippetLabel}
          <CopyButton text={words.snippet} />
        </figcaption>
        <pre className="rounded border border-line bg-sunken px-3 py-2 font-mono text-xs break-words whitespace-pre-wrap text-ink">
          {words.snippet}
        </pre>
      </figure>
    </EmptyState>
  );
}

function Found({ found, build, ...place }: Props & { found: BuildTests }) {
  return (
    <div className="flex flex-col gap-6">
      {found.tests && <Tests build={build} {...place} found={found} summary={found.tests} />}
      {found.analysis && <AnalysisSection buildId={build.id} analysis={found.analysis} {...place} />}
    </div>
  );
}

type TestsProps = Props & { found: BuildTests; summary: TestSummary };

function Tests({ build, found, summary, ...place }: TestsProps) {
  const { passed, failed, errors, skipped } = summary.counts;
  const count = passed + failed + errors + skipped;
  return (
    <>
      {summary.is_cut_off && (
        <Banner tone="warning" title={words.cutOff}>
          <p>{words.cutOffText}</p>
        </Banner>
      )}
      <Counts summary={summary} />
      {count === 0 && <p className="text-ink-2">{words.none}</p>}
      {found.failures.length > 0 && <Failures cases={found.failures} count={failed + errors} />}
      {found.slowest.length > 1 && (
        <Section title={words.slowest}>
          <CaseTable label={words.slowest} cases={found.slowest} />
        </Section>
      )}
      {count > 0 && <AllTests buildId={build.id} {...place} />}
      {summary.left_out > 0 && <p className="text-sm text-ink-2">{words.leftOut(summary.left_out)}</p>}
    </>
  );
}

const COUNTS = [
  ["passed", "passed", "text-passed"],
  ["failed", "octagon", "text-failed"],
  ["errors", "alert", "text-failed"],
  ["skipped", "slash", "text-ink-3"],
] as const satisfies readonly (readonly [string, IconName, string])[];

function Counts({ summary }: { summary: TestSummary }) {
  return (
    <ul aria-label={words.title} className="card flex flex-wrap gap-x-6 gap-y-2 px-4 py-3">
      {COUNTS.map(([name, icon, color]) => (
        <li key={name} className="flex items-center gap-1.5">
          <Icon name={icon} className={`size-4 ${summary.counts[name] > 0 ? color : "text-ink-3"}`} />
          <span className="tabular font-semibold">{formatNumber(summary.counts[name])}</span>
          <span className="text-ink-2">{words.counts[name]}</span>
        </li>
      ))}
      <li className="flex items-center gap-1.5">
        <Icon name="clock" className="size-4 text-ink-3" />
        <span className="text-ink-2">{words.took}</span> <Duration ms={summary.duration_ms} />
      </li>
    </ul>
  );
}

function Failures({ cases, count }: { cases: readonly TestCase[]; count: number }) {
  return (
    <Section title={words.failures(count)}>
      {cases.length < count && <p className="text-sm text-ink-2">{words.firstFailures(cases.length)}</p>}
      <ul className="card divide-y divide-line">
        {cases.map((one, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: names of tests need not differ, and the list never changes its order
          <li key={index}>
            <Failure case={one} isOpen={index === 0} />
          </li>
        ))}
      </ul>
    </Section>
  );
}

function Failure({ case: one, isOpen: opensAtOnce }: { case: TestCase; isOpen: boolean }) {
  // The texts of a failure are long: they are made when somebody looks.
  const [isOpen, setOpen] = useState(opensAtOnce);
  const place = placeOf(one);
  return (
    <details open={isOpen} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary className="target flex cursor-pointer items-start gap-2 px-4 py-2.5 hover:bg-sunken">
        <Icon
          name={OUTCOME_LOOK[one.outcome].icon}
          className={`mt-0.5 size-4 shrink-0 ${OUTCOME_LOOK[one.outcome].color}`}
        />
        <span className="flex min-w-0 grow flex-col gap-0.5">
          <span className="font-medium wrap-anywhere">
            <span className="sr-only">{words.outcome[one.outcome]}: </span>
            {one.name}
          </span>
          <Place case={one} />
        </span>
        <span className="shrink-0 text-sm text-ink-3">
          <Duration ms={one.duration_ms} />
        </span>
        <Icon name="chevron" className={`mt-0.5 size-4 shrink-0 text-ink-3 ${isOpen ? "rotate-90" : ""}`} />
      </summary>
      {isOpen && (
        <div className="flex flex-col gap-3 px-4 pb-4">
          {one.failure ? (
            <>
              <Text name={words.message} text={one.failure.message} />
              <Text name={words.output} text={one.failure.output} />
              <Text name={words.stack} text={one.failure.stack} />
            </>
          ) : (
            <p className="text-ink-2">{words.noReason}</p>
          )}
          {place && (
            <p className="flex items-center gap-1 text-sm text-ink-2">
              <code className="font-mono text-xs break-all">{place}</code>
              <CopyButton text={place} label={words.copyPlace(place)} />
            </p>
          )}
        </div>
      )}
    </details>
  );
}

function Text({ name, text }: { name: string; text?: string }) {
  if (!text) return null;
  return (
    <figure className="flex flex-col gap-1">
      <figcaption className="text-sm text-ink-2">{name}</figcaption>
      <pre className="rounded border border-line bg-sunken px-3 py-2 font-mono text-xs whitespace-pre-wrap wrap-anywhere">
        {text}
      </pre>
    </figure>
  );
}
