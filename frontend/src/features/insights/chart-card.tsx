/** A chart and its table twin, of which one is shown, and the figures as a file. */
import { useState } from "react";
import { Button, Icon, Section, Segmented } from "@/components/ui";
import { insights } from "@/messages/en/insights";
import { type Cell, saveCsv } from "./csv";
import { DataTable, type Row } from "./data-table";
import { Plot, type Series } from "./plot";

const words = insights.chart;

type Props = {
  title: string;
  /** What the figures mean, one click away. */
  help: string;
  kind: "bars" | "lines";
  series: readonly Series[];
  days: readonly string[];
  top: string;
  columns: readonly string[];
  rows: readonly Row[];
  csv: { head: readonly string[]; rows: readonly (readonly Cell[])[] };
};

type View = "chart" | "table";

export function ChartCard({ title, help, kind, series, days, top, columns, rows, csv }: Props) {
  const [view, setView] = useState<View>("chart");
  const options = (["chart", "table"] as const).map((value) => ({ value, label: words[value] }));
  const first = days[0] ?? "";
  const last = days.at(-1) ?? "";
  const actions = (
    <span className="flex flex-wrap items-center gap-2">
      <Segmented label={`${words.view}: ${title}`} options={options} value={view} onChange={setView} />
      <Button
        variant="ghost"
        icon="download"
        aria-label={words.csv(title)}
        onClick={() => saveCsv(title, csv.head, csv.rows)}
      >
        {words.csvShort}
      </Button>
    </span>
  );
  return (
    <Section title={title} actions={actions}>
      {view === "chart" ? (
        <div className="card px-4 py-3">
          <Plot
            kind={kind}
            series={series}
            days={[first, days[Math.floor(days.length / 2)] ?? "", last]}
            top={top}
            saying={words.saying(title, first, last)}
            nothing={words.nothing}
          />
        </div>
      ) : (
        <DataTable label={title} columns={columns} rows={rows} />
      )}
      <details className="group text-sm text-ink-2">
        <summary className="tap flex w-fit cursor-pointer items-center gap-1 text-ink-3 hover:text-ink">
          <Icon name="chevron" className="size-3.5 group-open:rotate-90" />
          {words.means}
        </summary>
        <p className="max-w-[65ch]">{help}</p>
      </details>
    </Section>
  );
}
