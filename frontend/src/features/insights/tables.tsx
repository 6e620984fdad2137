/** What the charts do not show: each pipeline, the slow steps, those that fail, and why builds failed. */
import type { Figures, Insights, StepInsights } from "@/api/types";
import { Section } from "@/components/ui";
import { formatDuration, formatNumber } from "@/lib/format";
import { insights as words } from "@/messages/en/insights";
import { DataTable } from "./data-table";

const MOST = 10;

const time = (ms: number | null | undefined) =>
  typeof ms === "number" ? formatDuration(ms) : words.total.none;

export function Tables({ data, scope }: { data: Insights; scope: "instance" | "project" }) {
  const slowest = data.steps
    .toSorted((one, other) => (other.time.p50_ms ?? 0) - (one.time.p50_ms ?? 0))
    .slice(0, MOST);
  const failing = data.steps
    .filter(({ failed }) => failed > 0)
    .toSorted((one, other) => other.failed - one.failed)
    .slice(0, MOST);
  return (
    <>
      <Section title={words.pipelines}>
        <DataTable
          label={words.pipelines}
          columns={[
            words.pipeline,
            words.total.builds,
            words.chart.rate,
            words.chart.p50,
            words.chart.p95,
            words.total.wait,
          ]}
          rows={data.pipelines.map((one) => ({
            key: one.pipeline_id,
            head: one.pipeline_name,
            detail: scope === "instance" ? one.project_name : undefined,
            to: {
              to: "/projects/$projectId/pipelines/$pipelineId",
              params: { projectId: one.project_id, pipelineId: one.pipeline_id },
            },
            cells: [
              formatNumber(countOf(one.figures)),
              typeof one.figures.success_rate === "number"
                ? formatNumber(one.figures.success_rate)
                : words.total.none,
              time(one.figures.run.p50_ms),
              time(one.figures.run.p95_ms),
              time(one.figures.wait.p50_ms),
            ],
          }))}
        />
      </Section>
      <div className="grid grid-cols-1 items-start gap-6 xl:grid-cols-2">
        <Section title={words.slowest}>
          <p className="text-sm text-ink-3">{words.stepsOf}</p>
          {slowest.length === 0 ? (
            <p className="text-ink-3">{words.noSteps}</p>
          ) : (
            <DataTable
              label={words.slowest}
              columns={[words.step, words.runs, words.chart.p50, words.chart.p95]}
              rows={slowest.map((step) => ({
                ...rowOf(step),
                cells: [formatNumber(step.runs), time(step.time.p50_ms), time(step.time.p95_ms)],
              }))}
            />
          )}
        </Section>
        <Section title={words.failing}>
          <p className="text-sm text-ink-3">{words.flakyHelp}</p>
          {failing.length === 0 ? (
            <p className="text-ink-3">{words.noFailing}</p>
          ) : (
            <DataTable
              label={words.failing}
              columns={[words.step, words.runs, words.failures, words.flaky]}
              rows={failing.map((step) => ({
                ...rowOf(step),
                cells: [formatNumber(step.runs), formatNumber(step.failed), formatNumber(step.flaky)],
              }))}
            />
          )}
        </Section>
        <Section title={words.reasons}>
          {data.failures.length === 0 ? (
            <p className="text-ink-3">{words.noReasons}</p>
          ) : (
            <DataTable
              label={words.reasons}
              columns={[words.reasons, words.total.builds]}
              rows={data.failures.map(({ reason, builds }) => ({
                key: reason,
                head: words.reason[reason],
                cells: [formatNumber(builds)],
              }))}
            />
          )}
        </Section>
      </div>
    </>
  );
}

const countOf = ({ succeeded, failed, canceled }: Figures): number => succeeded + failed + canceled;

const rowOf = ({ pipeline_id, pipeline_name, name }: StepInsights) => ({
  key: `${pipeline_id} ${name}`,
  head: name,
  detail: pipeline_name,
});
