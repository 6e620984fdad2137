/** Two builds side by side: what stands first is where they part. It must not load their logs. */
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { Build, StepResult } from "@/api/types";
import { BuildTimes, combinationText, subjectOf, TestCount, triggerText } from "@/components/builds";
import { Page } from "@/components/shell";
import { Banner, Duration, Icon, QueryView, Section, StatusBadge, TimeAgo } from "@/components/ui";
import { buildQuery } from "@/lib/build-queries";
import { formatDuration, shortSha } from "@/lib/format";
import { useRuntime } from "@/lib/instances/current";
import { t } from "@/messages";
import { compareWords as words } from "@/messages/en/compare";
import { changesOf, pairSteps, type StepPair } from "./compare";

type Props = { before: string; after: string };

export function ComparePage({ before, after }: Props) {
  const runtime = useRuntime();
  const one = useQuery(buildQuery(runtime, before));
  const other = useQuery(buildQuery(runtime, after));
  const title =
    one.data && other.data ? titleOf({ before: one.data.build, after: other.data.build }) : words.title;
  return (
    <Page title={title} parents={[{ label: t.builds.title, to: { to: "/builds" } }]} width="wide">
      <QueryView query={one} name={t.builds.nameOne}>
        {(earlier) => (
          <QueryView query={other} name={t.builds.nameOne}>
            {(later) => <Comparison before={earlier.build} after={later.build} />}
          </QueryView>
        )}
      </QueryView>
    </Page>
  );
}

type Pair = { before: Build; after: Build };

/** Each project counts its own builds. */
function titleOf({ before, after }: Pair): string {
  const isOneProject = before.project_id === after.project_id;
  const nameOf = ({ build_number, context }: Build) =>
    isOneProject
      ? t.builds.number(build_number)
      : `${context?.project_name ?? t.projects.one} ${t.builds.number(build_number)}`;
  return words.titleOf(nameOf(before), nameOf(after));
}

function Comparison({ before, after }: Pair) {
  const steps = pairSteps(before.step_results ?? [], after.step_results ?? []);
  return (
    <div className="flex flex-col gap-6">
      <FirstDifference steps={steps} />
      <BuildFacts before={before} after={after} />
      <Steps steps={steps} before={before} after={after} />
      <Configuration before={before} after={after} />
    </div>
  );
}

function FirstDifference({ steps }: { steps: readonly StepPair[] }) {
  const first = steps.find(({ differs }) => differs);
  if (!first) return <Banner tone="info" title={words.noDifference} />;
  return (
    <Banner tone="warning" title={words.first(first.name)}>
      <p>{words.change(outcomeOf(first.before), outcomeOf(first.after))}</p>
    </Banner>
  );
}

function outcomeOf(step: StepResult | undefined): string {
  return step ? (words.outcome[step.status] ?? step.status) : words.absent;
}

function BuildFacts({ before, after }: Pair) {
  const both = (text: (build: Build) => string | null | undefined) => [text(before), text(after)] as const;
  // The server forgets who ran a build once it is over: one that is not known is no difference.
  const runners = both(({ context }) => context?.runner_name);
  const rows: { name: string; differs: boolean; show: (build: Build) => ReactNode }[] = [
    fact(
      words.status,
      both(({ status }) => status),
      ({ status }) => <StatusBadge status={status} />,
    ),
    fact(
      words.commit,
      both(({ commit_sha }) => commit_sha),
      (build) => <Commit build={build} />,
    ),
    fact(
      words.branch,
      both(({ branch }) => branch),
    ),
    fact(
      words.author,
      both(({ commit_author }) => commit_author),
    ),
    fact(
      words.pipeline,
      both(({ context }) => context?.pipeline_name),
    ),
    fact(
      words.matrix,
      both(({ matrix }) => combinationText(matrix)),
    ),
    fact(words.trigger, both(triggerText)),
    { ...fact(words.runner, runners), differs: runners.every(Boolean) && runners[0] !== runners[1] },
    fact(
      words.tests,
      both(({ tests }) => tests && `${tests.passed} ${tests.failed} ${tests.skipped}`),
      ({ tests }) => tests && <TestCount tests={tests} />,
    ),
    { name: words.times, differs: false, show: (build) => <BuildTimes build={build} /> },
    { name: words.when, differs: false, show: (build) => <TimeAgo at={build.created_at} /> },
  ];
  const shown = rows.filter(({ show }) => show(before) || show(after));
  return (
    <Table label={words.facts} head={<Heads before={before} after={after} />}>
      {shown.map(({ name, differs, show }) => (
        <tr key={name} className={`border-t border-line align-top ${differs ? "bg-warning-tint" : ""}`}>
          <RowHead differs={differs}>{name}</RowHead>
          <td className="px-2 py-2 sm:px-4 wrap-anywhere">{show(before) || <Nothing />}</td>
          <td className="px-2 py-2 sm:px-4 wrap-anywhere">{show(after) || <Nothing />}</td>
        </tr>
      ))}
    </Table>
  );

  function fact(
    name: string,
    [one, other]: readonly [string | null | undefined, string | null | undefined],
    show: (build: Build) => ReactNode = (build) => (build === before ? one : other),
  ) {
    return { name, differs: (one || null) !== (other || null), show };
  }
}

function Commit({ build }: { build: Build }) {
  return (
    <>
      {subjectOf(build)}
      {build.commit_sha && (
        <code className="ms-2 font-mono text-sm text-ink-2">{shortSha(build.commit_sha)}</code>
      )}
    </>
  );
}

function Steps({ steps, before, after }: Pair & { steps: readonly StepPair[] }) {
  if (steps.length === 0) return null;
  return (
    <Section title={words.steps}>
      <Table
        label={words.steps}
        head={
          <>
            <Heads before={before} after={after} />
            <th scope="col" className="px-2 py-2 sm:px-4 text-end font-medium">
              {words.delta}
            </th>
          </>
        }
      >
        {steps.map(({ name, before: one, after: other, differs }) => (
          <tr key={name} className={`border-t border-line ${differs ? "bg-warning-tint" : ""}`}>
            <RowHead differs={differs}>
              <code className="font-mono text-sm">{name}</code>
            </RowHead>
            <Outcome build={before} step={one} />
            <Outcome build={after} step={other} />
            <td className="tabular px-2 py-2 sm:px-4 text-end">{deltaOf(one, other)}</td>
          </tr>
        ))}
      </Table>
    </Section>
  );
}

function Outcome({ build, step }: { build: Build; step: StepResult | undefined }) {
  if (!step)
    return (
      <td className="px-2 py-2 sm:px-4">
        <Nothing text={words.absent} />
      </td>
    );
  return (
    <td className="px-2 py-2 sm:px-4">
      <Link
        to="/builds/$buildId"
        params={{ buildId: build.id }}
        search={{ step: step.name }}
        hash="L1"
        className="tap text-ink underline underline-offset-2"
      >
        {outcomeOf(step)}
      </Link>
      <span className="ms-2 text-ink-2">
        {step.duration_ms != null && <Duration ms={step.duration_ms} />}
      </span>
    </td>
  );
}

/** "+12 s"; nothing where one of them did not run, or for less than a second. */
function deltaOf(one: StepResult | undefined, other: StepResult | undefined): string {
  if (one?.duration_ms == null || other?.duration_ms == null) return "";
  const delta = other.duration_ms - one.duration_ms;
  if (Math.abs(delta) < 1000) return words.same;
  return `${delta > 0 ? "+" : "−"}${formatDuration(Math.abs(delta))}`;
}

function Configuration({ before, after }: Pair) {
  const changes = changesOf(before.config_snapshot, after.config_snapshot);
  return (
    <Section title={words.configuration}>
      {changes.length === 0 ? (
        <p className="text-ink-2">{words.sameConfiguration}</p>
      ) : (
        <Table label={words.configuration} head={<Heads before={before} after={after} />}>
          {changes.map((change) => (
            <tr key={change.path} className="border-t border-line align-top">
              <RowHead differs={false}>
                <code className="font-mono text-sm">{change.path}</code>
              </RowHead>
              {([change.before, change.after] as const).map((value, index) => (
                <td key={index === 0 ? "before" : "after"} className="px-2 py-2 sm:px-4">
                  {value === undefined ? (
                    <Nothing text={words.unset} />
                  ) : (
                    <code className="font-mono text-sm wrap-anywhere">{value}</code>
                  )}
                </td>
              ))}
            </tr>
          ))}
        </Table>
      )}
    </Section>
  );
}

function Table({ label, head, children }: { label: string; head: ReactNode; children: ReactNode }) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: no fields stand in it; a section would be a landmark in another one
    <div
      role="group"
      aria-label={label}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable with the keyboard
      tabIndex={0}
      className="card overflow-x-auto"
    >
      <table className="w-full min-w-[24rem] sm:min-w-[36rem] text-start">
        <caption className="sr-only">{label}</caption>
        <thead className="text-sm text-ink-2">
          <tr>
            <th scope="col" className="w-24 px-2 py-2 sm:w-44 sm:px-4 text-start font-medium">
              <span className="sr-only">{words.what}</span>
            </th>
            {head}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}

function Heads({ before, after }: Pair) {
  return [before, after].map((build, index) => (
    <th key={build.id} scope="col" className="px-2 py-2 sm:px-4 text-start font-medium">
      <Link
        to="/builds/$buildId"
        params={{ buildId: build.id }}
        className="tap text-accent underline underline-offset-2"
      >
        {index === 0 ? words.before(build.build_number) : words.after(build.build_number)}
      </Link>
    </th>
  ));
}

function RowHead({ differs, children }: { differs: boolean; children: ReactNode }) {
  return (
    <th scope="row" className="px-2 py-2 sm:px-4 text-start font-normal">
      <span className="inline-flex items-center gap-1.5">
        {children}
        {differs && <Icon name="alert" className="size-3.5 text-warning" />}
        {differs && <span className="sr-only">{words.differs}</span>}
      </span>
    </th>
  );
}

function Nothing({ text = words.none }: { text?: string }) {
  return <span className="text-ink-3">{text}</span>;
}
