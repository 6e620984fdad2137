/**
 * How far a running build is, against how long such builds usually take. A guess: it says "about", and nothing at all where
 * there are too few to guess from.
 */
import { useNow } from "@/lib/clock";
import { formatDuration } from "@/lib/format";
import { t } from "@/messages";

/** What is over by less is as usual. */
const NOT_WORTH_SAYING = 0.1;

/** `since` in unix seconds, `usual` in milliseconds. */
export function Progress({ since, usual }: { since: number; usual: number }) {
  const left = usual - (useNow("second") - since * 1000);
  if (left < -usual * NOT_WORTH_SAYING) return <span>{t.builds.progress.slower(formatDuration(-left))}</span>;
  return (
    <span className="inline-flex max-w-full items-center gap-2">
      <progress
        aria-label={t.builds.progress.label}
        max={usual}
        value={Math.min(usual, Math.max(0, usual - left))}
        className="h-1.5 w-32 max-w-full accent-running"
      />
      {left > 0 && t.builds.progress.left(formatDuration(inSteps(left)))}
    </span>
  );
}

/** A guess that ticks each second would promise too much. */
function inSteps(ms: number): number {
  const step = ms > 60_000 ? 60_000 : 10_000;
  return Math.ceil(ms / step) * step;
}
