/** The charts of builds over days: how they ended, how long they ran, how long they waited; beside them those of runners and apps. */
import type { DayFigures, Insights } from "@/api/types";
import { formatDuration, formatNumber } from "@/lib/format";
import { insights } from "@/messages/en/insights";
import { ChartCard } from "./chart-card";
import { dateOf, nameOf } from "./days";
import { durationText } from "./duration";
import { RunnerChart } from "./runner-chart";
import { SizeChart } from "./size-chart";

const words = insights.chart;

export function Charts({ data }: { data: Insights }) {
  // The newest day comes first in a table and last in a chart.
  return (
    <div className="grid grid-cols-1 gap-6 xl:grid-cols-2">
      <Results days={data.days} />
      <Times days={data.days} of="run" title={words.run} />
      <Times days={data.days} of="wait" title={words.wait} />
      {data.runners.length > 0 && <RunnerChart data={data} />}
      {data.sizes.length > 0 && <SizeChart data={data} />}
    </div>
  );
}

function Results({ days }: { days: readonly DayFigures[] }) {
  const values = (of: "succeeded" | "failed" | "canceled") => days.map(({ figures }) => figures[of]);
  const most = Math.max(
    0,
    ...days.map(({ figures: { succeeded, failed, canceled } }) => succeeded + failed + canceled),
  );
  const rate = (day: DayFigures) => day.figures.success_rate ?? null;
  return (
    <ChartCard
      title={words.results}
      help={words.resultsHelp}
      kind="bars"
      series={[
        { name: words.failed, values: values("failed"), look: "fill-failed" },
        { name: words.canceled, values: values("canceled"), look: "fill-queued" },
        { name: words.passed, values: values("succeeded"), look: "fill-passed" },
      ]}
      days={days.map(nameOf)}
      top={words.most(formatNumber(most))}
      columns={[words.day, words.passed, words.failed, words.canceled, words.rate]}
      rows={days.toReversed().map((day) => ({
        key: String(day.day),
        head: nameOf(day),
        cells: [
          formatNumber(day.figures.succeeded),
          formatNumber(day.figures.failed),
          formatNumber(day.figures.canceled),
          rate(day) === null ? insights.total.none : formatNumber(rate(day) ?? 0),
        ],
      }))}
      csv={{
        head: [words.day, words.passed, words.failed, words.canceled, words.rate],
        rows: days.map((day) => [
          dateOf(day),
          day.figures.succeeded,
          day.figures.failed,
          day.figures.canceled,
          rate(day),
        ]),
      }}
    />
  );
}

type TimesProps = { days: readonly DayFigures[]; of: "run" | "wait"; title: string };

function Times({ days, of, title }: TimesProps) {
  const values = (rank: "p50_ms" | "p95_ms") => days.map(({ figures }) => figures[of][rank] ?? null);
  const most = Math.max(0, ...values("p95_ms").map((value) => value ?? 0));
  const seconds = (ms: number | null | undefined) => (typeof ms === "number" ? Math.round(ms / 1000) : null);
  return (
    <ChartCard
      title={title}
      help={words.timesHelp[of]}
      kind="lines"
      series={[
        { name: words.p50, values: values("p50_ms"), look: "stroke-accent", line: "solid" },
        { name: words.p95, values: values("p95_ms"), look: "stroke-warning", line: "dashed" },
      ]}
      days={days.map(nameOf)}
      top={formatDuration(most)}
      columns={[words.day, words.p50, words.p95]}
      rows={days.toReversed().map((day) => ({
        key: String(day.day),
        head: nameOf(day),
        cells: [durationText(day.figures[of].p50_ms), durationText(day.figures[of].p95_ms)],
      }))}
      csv={{
        head: [words.day, words.seconds(words.p50), words.seconds(words.p95)],
        rows: days.map((day) => [
          dateOf(day),
          seconds(day.figures[of].p50_ms),
          seconds(day.figures[of].p95_ms),
        ]),
      }}
    />
  );
}
