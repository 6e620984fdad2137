/** The builds around one: those that run the same again, and the rest of its matrix. It shows nothing for a build that stands alone. */
import { queryOptions, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { lazy, Suspense } from "react";
import { toApiError } from "@/api/errors";
import type { Build, RelatedBuild } from "@/api/types";
import { combinationText } from "@/components/builds";
import { Banner, Button, StatusBadge } from "@/components/ui";
import { reasonOf } from "@/lib/form";
import { useRuntime } from "@/lib/instances/current";
import type { Runtime } from "@/lib/instances/runtime";
import { t } from "@/messages";
import { buildPage } from "@/messages/en/build-page";

const MatrixActions = lazy(() => import("./matrix-actions"));

/** So many are shown at once. */
const FEW = 12;

/** Among the lists of builds, so that news of any build refreshes it. */
const relatedQuery = (rt: Runtime, id: string) =>
  queryOptions({
    queryKey: rt.key("builds", "related", id),
    queryFn: ({ signal }) => rt.api.get("/v1/builds/{build_id}/related", { path: { build_id: id }, signal }),
  });

export function RelatedBuilds({ build }: { build: Build }) {
  const { data, error, refetch } = useQuery(relatedQuery(useRuntime(), build.id));
  if (!data && error) {
    return (
      <Banner
        tone="warning"
        title={buildPage.related.notRead}
        actions={<Button onClick={() => void refetch()}>{t.action.retry}</Button>}
      >
        <p>{reasonOf(toApiError(error))}</p>
      </Banner>
    );
  }
  if (!data) return null;
  return (
    <>
      {data.chain.length > 1 && <Chain builds={data.chain} here={build.id} />}
      {data.matrix.length > 1 && <Siblings builds={data.matrix} build={build} />}
    </>
  );
}

/** The newest build of every combination. */
function Siblings({ builds, build: here }: { builds: readonly RelatedBuild[]; build: Build }) {
  return (
    <details className="text-sm text-ink-2" open={builds.length <= FEW}>
      <summary className="min-h-6 cursor-pointer">{buildPage.related.matrix(builds.length)}</summary>
      <ul aria-label={buildPage.related.siblings} className="mt-1 flex flex-wrap gap-x-4 gap-y-1.5">
        {builds.map((build) => (
          <li key={build.id} className="inline-flex items-center gap-x-1.5">
            <RelatedLink build={build} here={here.id}>
              {`${combinationText(build.matrix)} ${t.builds.number(build.build_number)}`}
            </RelatedLink>
            <StatusBadge status={build.status} />
          </li>
        ))}
      </ul>
      <Suspense>
        <MatrixActions build={here} siblings={builds} />
      </Suspense>
    </details>
  );
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
