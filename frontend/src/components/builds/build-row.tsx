/** One build in a list: a card on phones, two lines on wide windows. It must not fetch; it shows what the list knows. */
import { Link } from "@tanstack/react-router";
import type { Build } from "@/api/types";
import { StatusBadge, TimeAgo } from "@/components/ui";
import { t } from "@/messages";
import {
  BuildPlace,
  BuildRef,
  BuildTimes,
  combinationText,
  subjectOf,
  TestCount,
  triggerText,
  Unreachable,
} from "./facts";

type Props = {
  build: Build;
  /** A list inside a project does not repeat the project. */
  scope?: "instance" | "project";
};

function BuildRow({ build, scope = "instance" }: Props) {
  return (
    <li className="relative grid gap-x-4 gap-y-1 px-4 py-2.5 hover:bg-sunken md:grid-cols-[6.5rem_minmax(0,1fr)_auto] md:items-center">
      <div className="flex items-center justify-between gap-2 md:block">
        <StatusBadge status={build.status} />
        <TimeAgo at={build.created_at} className="text-sm whitespace-nowrap text-ink-3 md:hidden" />
      </div>
      <div className="flex min-w-0 flex-col gap-0.5">
        <p className="flex min-w-0 items-baseline gap-2">
          <Link
            to="/builds/$buildId"
            params={{ buildId: build.id }}
            className="min-h-6 min-w-0 truncate leading-6 font-medium after:absolute after:inset-0 hover:underline"
          >
            {subjectOf(build)}
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
          <span>{triggerText(build)}</span>
          {build.tests && <TestCount tests={build.tests} />}
          <Unreachable build={build} />
          {build.waiting_reason && <span className="text-warning">{build.waiting_reason}</span>}
        </p>
      </div>
      <p className="flex flex-wrap items-center gap-x-3 text-sm text-ink-2 md:flex-col md:items-end md:gap-0.5">
        <TimeAgo at={build.created_at} className="hidden whitespace-nowrap md:block" />
        <BuildTimes build={build} />
      </p>
    </li>
  );
}

export function BuildList({
  builds,
  scope = "instance",
  label,
}: {
  builds: readonly Build[];
  scope?: Props["scope"];
  label: string;
}) {
  return (
    <ul aria-label={label} className="card divide-y divide-line overflow-hidden">
      {builds.map((build) => (
        <BuildRow key={build.id} build={build} scope={scope} />
      ))}
    </ul>
  );
}
