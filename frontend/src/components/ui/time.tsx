/** Times, durations and sizes. Relative text ticks by the shared clock; the exact time is in the tooltip and the datetime. */
import { useNow } from "@/lib/clock";
import { formatAbsolute, formatBytes, formatDuration, formatMoment, formatRelative } from "@/lib/format";
import { useStore } from "@/lib/store";
import { timesAre } from "@/lib/times";

type TimeAgoProps = {
  /** In unix seconds, as on the wire. */
  at: number;
  /** It may be to come. What can only be past is at most now: the shared clock and the server's differ by some seconds. */
  ahead?: boolean;
  className?: string;
};

export function TimeAgo({ at, ahead, className = "" }: TimeAgoProps) {
  const now = useNow("minute");
  const isAbsolute = useStore(timesAre) === "absolute";
  const ms = at * 1000;
  return (
    <time
      dateTime={new Date(ms).toISOString()}
      title={formatAbsolute(ms)}
      className={`whitespace-nowrap ${className}`}
    >
      {isAbsolute ? formatMoment(ms) : formatRelative(ahead ? ms : Math.min(ms, now), now)}
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
