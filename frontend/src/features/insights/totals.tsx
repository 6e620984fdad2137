/** The figures of the whole time in short, each with what it means. */
import type { Insights } from "@/api/types";
import { formatDuration, formatNumber } from "@/lib/format";
import { insights } from "@/messages/en/insights";
import { durationText } from "./duration";

const words = insights.total;

export function Totals({ data: { builds, total, recovery } }: { data: Insights }) {
  const slow = (ms: number | null | undefined) =>
    typeof ms === "number" ? words.slow(formatDuration(ms)) : undefined;
  const rate = total.success_rate;
  return (
    <dl
      aria-label={words.label}
      className="card grid grid-cols-1 divide-y divide-line sm:grid-cols-2 sm:divide-y-0 lg:grid-cols-5"
    >
      <Figure
        name={words.success}
        value={typeof rate === "number" ? insights.percent(formatNumber(rate)) : words.none}
        help={words.successHelp}
      />
      <Figure
        name={words.builds}
        value={formatNumber(builds)}
        detail={words.ofBuilds(
          formatNumber(total.succeeded),
          formatNumber(total.failed),
          formatNumber(total.canceled),
        )}
      />
      <Figure
        name={words.run}
        value={durationText(total.run.p50_ms)}
        detail={slow(total.run.p95_ms)}
        help={words.runHelp}
      />
      <Figure
        name={words.wait}
        value={durationText(total.wait.p50_ms)}
        detail={slow(total.wait.p95_ms)}
        help={words.waitHelp}
      />
      <Figure
        name={words.recovery}
        value={durationText(recovery.time.p50_ms)}
        detail={recovery.times > 0 ? words.recoveries(recovery.times) : undefined}
        help={words.recoveryHelp}
      />
    </dl>
  );
}

type FigureProps = { name: string; value: string; detail?: string; help?: string };

function Figure({ name, value, detail, help }: FigureProps) {
  return (
    <div className="flex flex-col gap-0.5 px-4 py-3">
      <dt className="text-sm text-ink-2">{name}</dt>
      <dd className="tabular text-xl font-semibold">{value}</dd>
      {detail && <dd className="tabular text-sm text-ink-2">{detail}</dd>}
      {help && <dd className="text-sm text-ink-3">{help}</dd>}
    </div>
  );
}
