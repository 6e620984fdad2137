/** The builds around one: those that run the same again. It shows nothing for a build that stands alone. */
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { Build, RelatedBuild } from "@/api/types";
import { StatusBadge } from "@/components/ui";
import { useRuntime } from "@/lib/instances/current";
import { relatedQuery } from "@/lib/queries";
import { t } from "@/messages";
import { buildPage } from "@/messages/en/build-page";

export function RelatedBuilds({ build }: { build: Build }) {
  const { data } = useQuery(relatedQuery(useRuntime(), build.id));
  if (!data) return null;
  return <>{data.chain.length > 1 && <Chain builds={data.chain} here={build.id} />}</>;
}

/** "#12 → #15 → #18". */
function Chain({ builds, here }: { builds: readonly RelatedBuild[]; here: string }) {
  return (
    <section aria-label={buildPage.related.chain} className="text-sm text-ink-2">
      <ol className="flex flex-wrap items-center gap-x-2 gap-y-1">
        {builds.map((build, index) => (
          <li key={build.id} className="inline-flex flex-wrap items-center gap-x-2">
            {index > 0 && <span aria-hidden="true">→</span>}
            <RelatedLink build={build} here={here}>
              {t.builds.number(build.build_number)}
            </RelatedLink>
            {build.from_step && <span>{buildPage.related.fromStep(build.from_step)}</span>}
            <StatusBadge status={build.status} />
          </li>
        ))}
      </ol>
    </section>
  );
}

function RelatedLink({ build, here, children }: { build: RelatedBuild; here: string; children: string }) {
  return (
    <Link
      to="/builds/$buildId"
      params={{ buildId: build.id }}
      aria-current={build.id === here ? "page" : undefined}
      className="tap tabular text-accent underline underline-offset-2 aria-[current]:font-medium aria-[current]:text-ink aria-[current]:no-underline"
    >
      {children}
    </Link>
  );
}
