/** What the analysis of a build found, by file. Places are text: this product shows no code. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import type { AnalysisSummary, Finding, FindingSeverity } from "@/api/types";
import { Icon, type IconName, Pager, QueryView, Section } from "@/components/ui";
import { useRuntime } from "@/lib/instances/current";
import { tests as words } from "@/messages/en/tests";
import { findingsQuery } from "./test-queries";
import type { ListPlace } from "./test-table";

/** As many as this come with the counts. */
const PAGE_SIZE = 100;

const LOOK: Record<FindingSeverity, { icon: IconName; color: string }> = {
  error: { icon: "octagon", color: "text-failed" },
  warning: { icon: "alert", color: "text-warning" },
  info: { icon: "info", color: "text-ink-3" },
};

/** Findings by file; the file with the worst one comes first, as the findings do. */
function byFile(findings: readonly Finding[]): [string, Finding[]][] {
  const files = new Map<string, Finding[]>();
  for (const finding of findings) {
    const known = files.get(finding.file);
    if (known) known.push(finding);
    else files.set(finding.file, [finding]);
  }
  return [...files];
}

type Props = ListPlace & { buildId: string; analysis: AnalysisSummary };

export function AnalysisSection({ buildId, analysis, search, onSearch }: Props) {
  const { counts, findings, total } = analysis;
  const { findings: offset = 0 } = search;
  const notListed = analysis.left_out - (total - findings.length);
  const parts = [
    counts.errors > 0 && words.findings.errors(counts.errors),
    counts.warnings > 0 && words.findings.warnings(counts.warnings),
    counts.infos > 0 && words.findings.infos(counts.infos),
  ].filter(Boolean);
  return (
    <Section title={words.analysis}>
      <p className="flex items-center gap-2 text-ink-2">
        {parts.length === 0 && <Icon name="passed" className="size-4 text-passed" />}
        {parts.length === 0 ? words.clean : parts.join(", ")}
      </p>
      {offset === 0 ? (
        <Files findings={findings.slice(0, PAGE_SIZE)} />
      ) : (
        <LaterFindings buildId={buildId} offset={offset} />
      )}
      <Pager
        label={words.findingsPages}
        offset={offset}
        limit={PAGE_SIZE}
        total={total}
        onOffset={(next) => onSearch({ ...search, findings: next || undefined }, "push")}
      />
      {notListed > 0 && <p className="text-sm text-ink-2">{words.findingsLeftOut(notListed)}</p>}
    </Section>
  );
}

function LaterFindings({ buildId, offset }: { buildId: string; offset: number }) {
  const query = useQuery({
    ...findingsQuery(useRuntime(), buildId, { limit: PAGE_SIZE, offset }),
    placeholderData: keepPreviousData,
  });
  return (
    <div aria-busy={query.isPlaceholderData} className="flex flex-col gap-3">
      <QueryView query={query} name={words.findingsName}>
        {({ findings }) => <Files findings={findings} />}
      </QueryView>
    </div>
  );
}

function Files({ findings }: { findings: readonly Finding[] }) {
  return byFile(findings).map(([file, all]) => <File key={file} file={file} findings={all} />);
}

function File({ file, findings }: { file: string; findings: readonly Finding[] }) {
  return (
    <div className="card">
      <h3 className="border-b border-line px-4 py-2 font-mono text-sm font-medium break-all">{file}</h3>
      <ul className="divide-y divide-line">
        {findings.map((finding) => (
          <li
            key={`${finding.line}:${finding.column}:${finding.code}:${finding.message}`}
            className="flex items-start gap-2 px-4 py-2"
          >
            <Icon
              name={LOOK[finding.severity].icon}
              className={`mt-0.5 size-4 shrink-0 ${LOOK[finding.severity].color}`}
            />
            <span className="min-w-0 grow wrap-anywhere">
              <span className="sr-only">{words.severity[finding.severity]}: </span>
              {finding.message}
              {finding.code && <code className="ms-2 font-mono text-xs text-ink-3">{finding.code}</code>}
            </span>
            <span className="tabular shrink-0 font-mono text-xs text-ink-3">
              {finding.line}:{finding.column}
            </span>
          </li>
        ))}
      </ul>
    </div>
  );
}
