/**
 * How far a build that runs is, by how long such builds usually take. A guess: it must say "about", and must not know where
 * that figure is from.
 */
import { useNow } from "@/lib/clock";
import { formatDuration } from "@/lib/format";
import { t } from "@/messages";

const words = t.builds.progress;
/** What is over by less is as usual. */
const NOT_WORTH_SAYING = 0.1;

/** `since` in unix seconds, `usual` in ms. */
export function Progress({ since, usual }: { since: number; usual: number }) {
  const left = usual - (useNow("second") - since * 1000);
  const isLate = left < -usual * NOT_WORTH_SAYING;
  return (
    <span className="inline-flex max-w-full items-center gap-2">
      <progress
        aria-label={words.label}
        max={usual}
        value={Math.min(usual, Math.max(0, usual - left))}
        className="h-1.5 w-32 max-w-full accent-running"
      />
      {isLate && words.slower(formatDuration(-left))}
      {left > 0 && words.left(formatDuration(inSteps(left)))}
    </span>
  );
}

/** A guess that ticks each second would promise too much. */
function inSteps(ms: number): number {
  const step = ms > 60_000 ? 60_000 : 10_000;
  return Math.ceil(ms / step) * step;
}
