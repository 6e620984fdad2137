/** How a project of the list goes on its default branch: the last build that is over, the bars, the figures. It must not fetch. */
import { Link } from "@tanstack/react-router";
import type { ProjectHealth } from "@/api/types";
import { HealthFigures } from "@/components/projects/health-figures";
import { Sparkbar } from "@/components/projects/sparkbar";
import { Icon, Skeleton, StatusBadge } from "@/components/ui";
import { t } from "@/messages";

/** `unknown` is not the same as never built: nothing is said about it. */
export type Health = ProjectHealth | "pending" | "unknown";

const PARTS =
  "col-span-2 flex flex-wrap items-center gap-x-5 gap-y-1.5 ps-8 @5xl:col-span-1 @5xl:w-[39rem] @5xl:flex-nowrap @5xl:ps-0";
const STATUS = "flex min-w-0 items-center gap-x-3 text-sm text-ink-2 max-sm:w-full sm:w-56 @5xl:shrink-0";

export function HealthOf({ health }: { health: Health }) {
  if (health === "pending") return <Unread />;
  if (health === "unknown" || !health.default_branch) return null;
  const { builds, default_branch: branch } = health;
  const last = builds.at(-1);
  return (
    <div className={PARTS}>
      <div className={STATUS}>
        {last && (
          <Link
            to="/builds/$buildId"
            params={{ buildId: last.id }}
            className="tap relative z-10 inline-flex shrink-0 items-center gap-2 hover:underline"
          >
            <StatusBadge status={last.status} />
            <span className="tabular">{t.builds.number(last.build_number)}</span>
          </Link>
        )}
        <span className="inline-flex min-w-0 items-center gap-1">
          <Icon name="branch" className="size-3.5" />
          <span className="truncate">{branch}</span>
        </span>
      </div>
      <Sparkbar builds={builds} branch={branch} />
      <HealthFigures health={health} />
    </div>
  );
}

/** The same room, so that nothing moves when it is there. */
function Unread() {
  return (
    <div aria-busy="true" className={PARTS}>
      <div className={STATUS}>
        <Skeleton className="h-5 w-28 rounded-full" />
      </div>
      <Skeleton className="h-6 w-38" />
      <Skeleton className="h-4 w-32" />
    </div>
  );
}
