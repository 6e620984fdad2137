/**
 * The last builds of a branch as a row of bars: the height is how long one ran, colour and shape are how it ended. The same in
 * words for those who do not see it.
 */
import type { ProjectHealth } from "@/api/types";
import { healthWords as words } from "@/messages/en/project-health";

type Bars = ProjectHealth["builds"];

const SLOTS = 30;
const PITCH = 5;
const BAR = 4;
const HEIGHT = 24;
const LOWEST = 4;

export function Sparkbar({ builds, branch }: { builds: Bars; branch: string }) {
  if (builds.length === 0) return <p className="text-sm text-ink-3">{words.none}</p>;
  const longest = Math.max(...builds.map(({ run_ms }) => run_ms ?? 0), 1);
  return (
    <svg
      role="img"
      aria-label={sayingOf(builds, branch)}
      viewBox={`0 0 ${SLOTS * PITCH} ${HEIGHT}`}
      className="h-6 w-38 shrink-0"
    >
      {builds.map(({ id, status, run_ms }, at) => {
        const height = LOWEST + ((run_ms ?? 0) / longest) * (HEIGHT - LOWEST);
        return <Bar key={id} status={status} x={at * PITCH} height={height} />;
      })}
    </svg>
  );
}

type BarProps = { status: Bars[number]["status"]; x: number; height: number };

/** Passed is full, failed is cut across, everything else is an outline: told apart without colour. */
function Bar({ status, x, height }: BarProps) {
  const y = HEIGHT - height;
  if (status === "succeeded") return <rect x={x} y={y} width={BAR} height={height} className="fill-passed" />;
  if (status === "failed" || status === "timed_out") {
    const cut = y + height / 2;
    return (
      <g className="fill-failed">
        <polygon points={`${x},${y} ${x + BAR},${y} ${x + BAR},${cut - 1.5} ${x},${cut + 0.5}`} />
        <polygon points={`${x + BAR},${cut + 0.5} ${x + BAR},${HEIGHT} ${x},${HEIGHT} ${x},${cut + 2.5}`} />
      </g>
    );
  }
  return (
    <rect
      x={x + 0.5}
      y={HEIGHT - LOWEST + 0.5}
      width={BAR - 1}
      height={LOWEST - 1}
      className="fill-none stroke-queued"
    />
  );
}

function sayingOf(builds: Bars, branch: string): string {
  const count = (...wanted: string[]) => builds.filter(({ status }) => wanted.includes(status)).length;
  const passed = count("succeeded");
  const failed = count("failed", "timed_out");
  return words.bars(branch, passed, failed, builds.length - passed - failed);
}
