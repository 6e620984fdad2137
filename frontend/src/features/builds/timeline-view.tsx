/**
 * Where a build's time went: a table of its steps with a bar for each, so that the picture and the numbers are one thing.
 * A step leads to its log. Under it stands how the build came to its state.
 */
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useEffect, useEffectEvent } from "react";
import type { Build, BuildEvent } from "@/api/types";
import {
  Duration,
  EmptyState,
  Icon,
  type IconName,
  isActive,
  QueryView,
  SkeletonRows,
} from "@/components/ui";
import { logIndexQuery } from "@/lib/build-queries";
import { useNow } from "@/lib/clock";
import { useRuntime } from "@/lib/instances/current";
import { buildDetails } from "@/messages/en/build-details";
import { Caches } from "./caches";
import { History } from "./history";
import { BuildTable, Column } from "./table";
import { type Bar, timelineOf } from "./timeline";

/** A build that prints grows all the time; its steps are asked for at most this often. */
const REFETCH_MS = 2_000;

const LOOK: Record<Bar["state"], { icon: IconName; color: string; bar: string }> = {
  waiting: { icon: "clock", color: "text-ink-3", bar: "bg-ink-3" },
  running: { icon: "ring", color: "text-running", bar: "bg-running" },
  succeeded: { icon: "passed", color: "text-passed", bar: "bg-passed" },
  failed: { icon: "octagon", color: "text-failed", bar: "bg-failed" },
  skipped: { icon: "arrow", color: "text-ink-3", bar: "bg-ink-3" },
  canceled: { icon: "slash", color: "text-ink-3", bar: "bg-ink-3" },
};

type Props = { build: Build; events: readonly BuildEvent[] };

export default function TimelineView({ build, events }: Props) {
  return (
    <div className="flex flex-col gap-6">
      <Times build={build} />
      <History build={build} events={events} />
    </div>
  );
}

function Times({ build }: { build: Build }) {
  const phase = isActive(build.status) ? "active" : "ended";
  const now = useNow("second");
  const index = useQuery(logIndexQuery(useRuntime(), build.id, phase));
  useGrowth(build.id, () => void index.refetch());
  const { bars, total, longest } = timelineOf(build, index.data, phase, now);
  if (!index.data && bars.length === 0) {
    return (
      <QueryView query={index} name={buildDetails.timeline.title} skeleton={<SkeletonRows rows={4} />}>
        {() => null}
      </QueryView>
    );
  }
  if (bars.length === 0) {
    return (
      <EmptyState icon="clock" title={buildDetails.timeline.empty}>
        <p>{buildDetails.timeline.emptyText}</p>
      </EmptyState>
    );
  }
  return (
    <div className="flex flex-col gap-5">
      <Steps build={build} bars={bars} total={total} longest={longest} />
      {build.caches && <Caches caches={build.caches} />}
    </div>
  );
}

/** Runs `onGrowth` when the event stream says that the build's log grew: where steps begin and end stands in there. */
function useGrowth(buildId: string, onGrowth: () => void): void {
  const { live } = useRuntime();
  const grown = useEffectEvent(onGrowth);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const leave = live.on("log", ({ build_id }) => {
      if (build_id !== buildId) return;
      timer ??= setTimeout(() => {
        timer = undefined;
        grown();
      }, REFETCH_MS);
    });
    return () => {
      leave();
      clearTimeout(timer);
    };
  }, [live, buildId]);
}

type StepsProps = { build: Build; bars: readonly Bar[]; total: number; longest: Bar | null };

function Steps({ build, bars, total, longest }: StepsProps) {
  const words = buildDetails.timeline;
  return (
    <BuildTable
      label={buildDetails.timeline.title}
      head={
        <>
          <Column>{words.step}</Column>
          <Column align="end" className="hidden px-2 whitespace-nowrap sm:table-cell">
            {words.start}
          </Column>
          <Column align="end">{words.duration}</Column>
        </>
      }
      foot={
        <tfoot className="border-t border-line text-ink-2">
          <tr>
            <th scope="row" className="px-4 py-2 text-start font-medium">
              {words.total}
            </th>
            <td className="hidden sm:table-cell" />
            <td className="px-4 py-2 text-end">
              <Duration ms={total} />
            </td>
          </tr>
        </tfoot>
      }
    >
      {bars.map((bar) => (
        <Row
          key={`${bar.name}:${bar.start}`}
          build={build}
          bar={bar}
          total={total}
          isLongest={bar === longest}
        />
      ))}
    </BuildTable>
  );
}

type RowProps = { build: Build; bar: Bar; total: number; isLongest: boolean };

function Row({ build, bar, total, isLongest }: RowProps) {
  const words = buildDetails.timeline;
  const look = LOOK[bar.state];
  return (
    <tr className="border-t border-line align-top">
      <th scope="row" className="w-full px-4 py-2 text-start font-normal">
        <span className="flex items-center gap-2">
          <Icon name={look.icon} className={`size-4 shrink-0 ${look.color}`} />
          {bar.state === "waiting" ? (
            <span>{words.waited}</span>
          ) : (
            <Link
              to="/builds/$buildId"
              params={{ buildId: build.id }}
              search={{ step: bar.name }}
              hash="L1"
              title={words.toLog(bar.name)}
              className="tap min-w-0 font-mono text-sm break-all text-accent underline underline-offset-2"
            >
              {bar.name}
            </Link>
          )}
          {bar.state !== "waiting" && <span className="sr-only">{words.state[bar.state]}</span>}
          {isLongest && <span className="text-sm text-ink-3">{words.longest}</span>}
        </span>
        <span aria-hidden="true" className="mt-1.5 block h-2 rounded bg-sunken">
          <span
            className={`block h-2 min-w-0.5 rounded ${look.bar}`}
            style={{
              marginInlineStart: `${(bar.start / total) * 100}%`,
              width: `${(bar.duration / total) * 100}%`,
            }}
          />
        </span>
      </th>
      <td className="hidden px-2 py-2 text-end whitespace-nowrap text-ink-2 sm:table-cell">
        <Duration ms={bar.start} />
      </td>
      <td className="px-4 py-2 text-end whitespace-nowrap">
        <Duration ms={bar.duration} />
      </td>
    </tr>
  );
}
