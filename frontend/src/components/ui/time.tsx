/** Times, durations and sizes. Relative text ticks by the shared clock; the exact time is in the tooltip and the datetime. */
import { useNow } from "@/lib/clock";
import { formatAbsolute, formatBytes, formatDuration, formatMoment, formatRelative } from "@/lib/format";
import { useStore } from "@/lib/store";
import { timesAre } from "@/lib/times";

/** `at` in unix seconds, as on the wire. */
export function TimeAgo({ at, className = "" }: { at: number; className?: string }) {
  const now = useNow("minute");
  const isAbsolute = useStore(timesAre) === "absolute";
  const ms = at * 1000;
  return (
    <time
      dateTime={new Date(ms).toISOString()}
      title={formatAbsolute(ms)}
      className={`whitespace-nowrap ${className}`}
    >
      {isAbsolute ? formatMoment(ms) : formatRelative(ms, now)}
    </time>
  );
}

/** A finished duration in ms. */
export function Duration({ ms }: { ms: number }) {
  return <span className="tabular whitespace-nowrap">{formatDuration(ms)}</span>;
}

/** Ticks each second from `since` (unix seconds). */
export function RunningDuration({ since }: { since: number }) {
  const now = useNow("second");
  return <span className="tabular whitespace-nowrap">{formatDuration(Math.max(0, now - since * 1000))}</span>;
}

export function Bytes({ value }: { value: number }) {
  return <span className="tabular whitespace-nowrap">{formatBytes(value)}</span>;
}
