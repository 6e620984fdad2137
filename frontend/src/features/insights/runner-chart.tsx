/** How long runners had builds, day by day, and how much of what they could that was. */
import type { Insights } from "@/api/types";
import { formatDuration, formatNumber } from "@/lib/format";
import { insights } from "@/messages/en/insights";
import { ChartCard } from "./chart-card";
import { dateOf, nameOf } from "./days";

const words = insights.chart;
/** As many as can be told apart, the busiest; the file holds all. */
const LOOKS = ["fill-accent", "fill-passed", "fill-warning", "fill-queued"];

export function RunnerChart({ data: { days, runners } }: { data: Insights }) {
  const shown = runners.slice(0, LOOKS.length);
  const names = shown.map(({ runner_name, utilisation }) =>
    words.busyName(runner_name, formatNumber(utilisation)),
  );
  const total = days.map((_, at) => shown.reduce((sum, runner) => sum + (runner.days[at] ?? 0), 0));
  return (
    <ChartCard
      title={words.busy}
      help={words.busyHelp}
      kind="bars"
      series={shown.map((runner, index) => ({
        name: names[index] ?? "",
        values: runner.days,
        look: LOOKS[index] ?? "",
      }))}
      days={days.map(nameOf)}
      top={formatDuration(Math.max(0, ...total))}
      columns={[words.day, ...names]}
      rows={days
        .map((day, at) => ({
          key: String(day.day),
          head: nameOf(day),
          cells: shown.map((runner) => formatDuration(runner.days[at] ?? 0)),
        }))
        .toReversed()}
      csv={{
        head: [words.day, ...runners.map(({ runner_name }) => words.seconds(runner_name))],
        rows: days.map((day, at) => [
          dateOf(day),
          ...runners.map((runner) => Math.round((runner.days[at] ?? 0) / 1000)),
        ]),
      }}
    />
  );
}
