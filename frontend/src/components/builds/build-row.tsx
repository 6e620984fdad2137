/** One build in a list: a card where there is little room, two lines where there is more. It must not fetch; it shows what the list knows. */
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { Build } from "@/api/types";
import { StatusBadge, TimeAgo } from "@/components/ui";
import { useRowKeys } from "@/lib/row-keys";
import { t } from "@/messages";
import {
  BuildAuthor,
  BuildPlace,
  BuildPlatforms,
  BuildRef,
  BuildTimes,
  combinationText,
  subjectOf,
  TestCount,
  triggerText,
  Unreachable,
} from "./facts";

type Ticks = { has: (build: Build) => boolean; toggle: (build: Build) => void };

type ListProps = {
  builds: readonly Build[];
  label: string;
  /** A list inside a project does not repeat the project. */
  scope?: "instance" | "project";
  /** A list of one commit's builds names them by their pipeline. */
  name?: "commit" | "pipeline";
  /** Rows that can be ticked. */
  ticks?: Ticks;
  /** What can be done with one, at the end of its row. */
  actions?: (build: Build) => ReactNode;
};

type Props = Omit<ListProps, "builds" | "label"> & { build: Build };

function BuildRow({ build, scope = "instance", name = "commit", ticks, actions }: Props) {
  const subject = subjectOf(build);
  return (
    <li
      className={`relative grid gap-x-4 gap-y-1 px-4 py-2.5 hover:bg-sunken has-checked:bg-accent-tint @min-[41rem]:items-center ${actions ? "@min-[41rem]:grid-cols-[auto_minmax(0,1fr)_auto_auto]" : "@min-[41rem]:grid-cols-[auto_minmax(0,1fr)_auto]"}`}
    >
      <div className={`flex items-center gap-2 ${ticks ? "@min-[41rem]:w-34" : "@min-[41rem]:w-26"}`}>
        {ticks && (
          <label className="target relative z-10 -my-1 -ms-2 inline-flex items-center justify-center">
            <input
              type="checkbox"
              aria-label={t.builds.list.select(`${t.builds.number(build.build_number)} ${subject}`)}
              checked={ticks.has(build)}
              onChange={() => ticks.toggle(build)}
              className="size-4 accent-accent"
            />
          </label>
        )}
        <StatusBadge status={build.status} />
        <TimeAgo
          at={build.created_at}
          className="ms-auto text-sm whitespace-nowrap text-ink-3 @min-[41rem]:hidden"
        />
      </div>
      <div className="flex min-w-0 flex-col gap-0.5 compact:@4xl:flex-row compact:@4xl:flex-wrap compact:@4xl:items-baseline compact:@4xl:gap-x-4">
        <p className="flex min-w-0 items-baseline gap-2">
          <Link
            to="/builds/$buildId"
            params={{ buildId: build.id }}
            data-row=""
            className="min-h-6 min-w-0 truncate leading-6 font-medium after:absolute after:inset-0 hover:underline"
          >
            {name === "pipeline" ? (build.context?.pipeline_name ?? subject) : subject}
          </Link>
          <span className="tabular text-ink-3">{t.builds.number(build.build_number)}</span>
        </p>
        <p className="flex min-w-0 flex-wrap items-center gap-x-3 gap-y-0.5 text-sm text-ink-2">
          {scope === "instance" ? (
            <span className="relative z-10 inline-flex min-w-0">
              <BuildPlace build={build} />
            </span>
          ) : (
            <span className="min-w-0">{build.context?.pipeline_name}</span>
          )}
          {build.matrix && <span className="min-w-0 font-medium">{combinationText(build.matrix)}</span>}
          <BuildRef build={build} />
          {build.commit_author && name === "commit" && <BuildAuthor name={build.commit_author} />}
          <BuildPlatforms build={build} />
          <span>{triggerText(build)}</span>
          {build.tests && <TestCount tests={build.tests} />}
          <Unreachable build={build} />
          {build.waiting_reason && <span className="text-warning">{build.waiting_reason}</span>}
        </p>
      </div>
      <p
        className={`flex flex-wrap items-center gap-x-3 text-sm text-ink-2 @min-[41rem]:flex-col @min-[41rem]:items-end @min-[41rem]:gap-0.5 compact:@4xl:flex-row compact:@4xl:items-baseline compact:@4xl:gap-x-3 ${actions ? "pe-9 @min-[41rem]:pe-0" : ""}`}
      >
        <TimeAgo at={build.created_at} className="hidden whitespace-nowrap @min-[41rem]:block" />
        <BuildTimes build={build} />
      </p>
      {actions && (
        <span className="absolute end-2 bottom-1.5 z-10 @min-[41rem]:relative @min-[41rem]:end-auto @min-[41rem]:bottom-auto @min-[41rem]:-me-2">
          {actions(build)}
        </span>
      )}
    </li>
  );
}

export function BuildList({ builds, label, ...row }: ListProps) {
  useRowKeys(row.ticks ? "selectable" : "plain");
  return (
    <ul aria-label={label} className="@container card divide-y divide-line overflow-hidden">
      {builds.map((build) => (
        <BuildRow key={build.id} build={build} {...row} />
      ))}
    </ul>
  );
}
