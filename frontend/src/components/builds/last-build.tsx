/** The newest build of something, in one line: state, number, when. */
import { Link } from "@tanstack/react-router";
import type { Build } from "@/api/types";
import { StatusBadge, TimeAgo } from "@/components/ui";
import { t } from "@/messages";

export function LastBuild({ build }: { build: Build | undefined }) {
  if (!build) return <span className="text-sm text-ink-3">{t.projects.overview.never}</span>;
  return (
    <span className="flex items-center gap-2 text-sm">
      <StatusBadge status={build.status} />
      <Link
        to="/builds/$buildId"
        params={{ buildId: build.id }}
        className="tap tabular text-ink-2 hover:underline"
      >
        {t.builds.number(build.build_number)}
      </Link>
      <TimeAgo at={build.created_at} className="text-ink-3" />
    </span>
  );
}
