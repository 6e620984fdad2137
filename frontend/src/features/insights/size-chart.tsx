/** How large apps were, day by day. */
import type { Insights } from "@/api/types";
import { formatBytes } from "@/lib/format";
import { insights } from "@/messages/en/insights";
import { ChartCard } from "./chart-card";
import { dateOf, nameOf } from "./days";
import type { Series } from "./plot";

const words = insights.chart;
/** As many lines as can be told apart; the file holds all. */
const LOOKS: Pick<Series, "look" | "line">[] = [
  { look: "stroke-accent", line: "solid" },
  { look: "stroke-warning", line: "dashed" },
];

export function SizeChart({ data: { days, sizes } }: { data: Insights }) {
  const shown = sizes.slice(0, LOOKS.length);
  const nameOfApp = ({ name, pipeline_name }: Insights["sizes"][number]) => `${name} · ${pipeline_name}`;
  const most = Math.max(0, ...shown.flatMap((app) => app.days.map((bytes) => bytes ?? 0)));
  return (
    <ChartCard
      title={words.sizes}
      help={words.sizesHelp}
      kind="lines"
      series={shown.map((app, index) => ({
        name: nameOfApp(app),
        values: app.days.map((bytes) => bytes ?? null),
        look: "",
        ...LOOKS[index],
      }))}
      days={days.map(nameOf)}
      top={formatBytes(most)}
      columns={[words.day, ...shown.map(nameOfApp)]}
      rows={days
        .map((day, at) => ({
          key: String(day.day),
          head: nameOf(day),
          cells: shown.map((app) => {
            const bytes = app.days[at];
            return typeof bytes === "number" ? formatBytes(bytes) : insights.total.none;
          }),
        }))
        .toReversed()}
      csv={{
        head: [words.day, ...sizes.map((app) => words.bytes(nameOfApp(app)))],
        rows: days.map((day, at) => [dateOf(day), ...sizes.map((app) => app.days[at] ?? null)]),
      }}
    />
  );
}
