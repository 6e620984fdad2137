/**
 * The drawing of a chart: stacked bars or lines over days, in a box that fits any width. Numbers and days stand beside it as
 * text; the table twin has all of them.
 */
import type { ReactNode } from "react";

export type Series = {
  name: string;
  /** One for each day; null where there is none. */
  values: readonly (number | null)[];
  /** Classes of fill and stroke. */
  look: string;
  /** Told apart without colour. */
  line?: "solid" | "dashed";
};

type Props = {
  kind: "bars" | "lines";
  series: readonly Series[];
  /** First, middle and last day. */
  days: readonly [string, string, string];
  /** What the top of the box is. */
  top: string;
  saying: string;
  nothing: string;
};

const SIZE = 100;
const GAP = 0.15;

export function Plot({ kind, series, days, top, saying, nothing }: Props) {
  const most = highest(kind, series);
  if (most === 0) return <p className="py-6 text-ink-3">{nothing}</p>;
  return (
    <figure className="flex flex-col gap-1">
      <p aria-hidden="true" className="tabular text-xs text-ink-3">
        {top}
      </p>
      <svg
        role="img"
        aria-label={saying}
        viewBox={`0 0 ${SIZE} ${SIZE}`}
        preserveAspectRatio="none"
        className="h-36 w-full overflow-visible border-b border-line"
      >
        <line
          x1="0"
          x2={SIZE}
          y1={SIZE / 2}
          y2={SIZE / 2}
          vectorEffect="non-scaling-stroke"
          className="stroke-line"
        />
        {kind === "bars" ? <Stacks series={series} most={most} /> : <Lines series={series} most={most} />}
      </svg>
      <p aria-hidden="true" className="tabular flex justify-between text-xs text-ink-3">
        {days.map((day) => (
          <span key={day}>{day}</span>
        ))}
      </p>
      <Legend series={series} kind={kind} />
    </figure>
  );
}

function highest(kind: Props["kind"], series: readonly Series[]): number {
  const count = series[0]?.values.length ?? 0;
  const at = (day: number) => series.map(({ values }) => values[day] ?? 0);
  const days = Array.from({ length: count }, (_, day) =>
    kind === "bars" ? at(day).reduce((sum, value) => sum + value, 0) : Math.max(0, ...at(day)),
  );
  return Math.max(0, ...days);
}

function Stacks({ series, most }: { series: readonly Series[]; most: number }) {
  const count = series[0]?.values.length ?? 0;
  const width = SIZE / count;
  const bars: ReactNode[] = [];
  for (let day = 0; day < count; day += 1) {
    let below = 0;
    for (const { name, values, look } of series) {
      const height = ((values[day] ?? 0) / most) * SIZE;
      below += height;
      if (height === 0) continue;
      bars.push(
        <rect
          key={`${name} ${day}`}
          x={(day + GAP) * width}
          y={SIZE - below}
          width={width * (1 - 2 * GAP)}
          height={height}
          className={look}
        />,
      );
    }
  }
  return <>{bars}</>;
}

function Lines({ series, most }: { series: readonly Series[]; most: number }) {
  return series.map(({ name, values, look, line }) => (
    <g key={name} className={`fill-none ${look}`} strokeLinecap="round" strokeLinejoin="round">
      <path
        d={pathOf(values, most)}
        vectorEffect="non-scaling-stroke"
        strokeWidth="2"
        strokeDasharray={line === "dashed" ? "4 4" : undefined}
      />
      {/* A line of no length with a round end is a dot that no stretching makes an ellipse. */}
      <path d={dotsOf(values, most)} vectorEffect="non-scaling-stroke" strokeWidth="5" />
    </g>
  ));
}

const x = (day: number, count: number) => ((day + 0.5) / count) * SIZE;
const y = (value: number, most: number) => SIZE - (value / most) * SIZE;

/** Days without builds are bridged: what lies between is not known, not nothing. */
function pathOf(values: Series["values"], most: number): string {
  const points = values.flatMap((value, day) =>
    value === null ? [] : [`${x(day, values.length)} ${y(value, most)}`],
  );
  return points.length > 1 ? `M${points.join("L")}` : "";
}

function dotsOf(values: Series["values"], most: number): string {
  return values
    .flatMap((value, day) => (value === null ? [] : [`M${x(day, values.length)} ${y(value, most)}h0`]))
    .join("");
}

function Legend({ series, kind }: { series: readonly Series[]; kind: Props["kind"] }) {
  return (
    <figcaption className="flex flex-wrap gap-x-4 gap-y-1 text-sm text-ink-2">
      {series.map(({ name, look, line }) => (
        <span key={name} className="inline-flex items-center gap-1.5">
          <svg aria-hidden="true" viewBox="0 0 16 8" className={`h-2 w-4 ${look}`}>
            {kind === "bars" ? (
              <rect width="16" height="8" />
            ) : (
              <path d="M1 4h14" strokeWidth="2" strokeDasharray={line === "dashed" ? "4 3" : undefined} />
            )}
          </svg>
          {name}
        </span>
      ))}
    </figcaption>
  );
}
