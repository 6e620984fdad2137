/** The builds around one: those that run the same again, and the rest of its matrix. Each shows nothing for a build that stands alone. */
import { queryOptions, useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { lazy, Suspense } from "react";
import { toApiError } from "@/api/errors";
import type { Build, RelatedBuild } from "@/api/types";
import { combinationText } from "@/components/builds";
import { Banner, Button, Icon, Menu, StatusBadge } from "@/components/ui";
import { reasonOf } from "@/lib/form";
import { useRuntime } from "@/lib/instances/current";
import type { Runtime } from "@/lib/instances/runtime";
import { t } from "@/messages";
import { buildPage } from "@/messages/en/build-page";
import type { BuildView } from "./search";

const MatrixActions = lazy(() => import("./matrix-actions"));

/** So many are shown at once. */
const FEW = 12;
/** The server tells of so many runs at most. */
const MOST_RUNS = 50;

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
  if (!data || data.matrix.length < 2) return null;
  return <Siblings builds={data.matrix} build={build} />;
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

/** The runs of the same commit and settings, the newest first; another one is shown in the same view. */
export function AttemptMenu({ build: here, view }: { build: Build; view: BuildView }) {
  const navigate = useNavigate();
  const { data } = useQuery(relatedQuery(useRuntime(), here.id));
  const runs = data?.chain ?? [];
  const newest = runs.at(-1);
  if (!newest || runs.length < 2) return null;
  const at = runs.findIndex(({ id }) => id === here.id) + 1;
  // What was before those that are listed is not counted.
  const isWhole = at > 0 && runs.length < MOST_RUNS;
  const label = [
    isWhole ? buildPage.related.run(at, runs.length) : buildPage.related.runs,
    newest.id !== here.id && nameOf(newest),
  ];
  const text = label.filter(Boolean).join(" · ");
  return (
    <Menu
      label={text}
      className="font-medium"
      entries={runs.toReversed().map((run) => ({
        kind: "choice",
        label: nameOf(run),
        checked: run.id === here.id,
        onSelect: () =>
          void navigate({ to: "/builds/$buildId", params: { buildId: run.id }, search: { view } }),
      }))}
    >
      {text}
      <Icon name="chevron" className="size-3.5 rotate-90" />
    </Menu>
  );
}

/** "#15 Passed · from Deploy". */
function nameOf({ build_number, status, from_step }: RelatedBuild): string {
  const name = `${t.builds.number(build_number)} ${t.builds.status[status]}`;
  return from_step ? `${name} · ${buildPage.related.fromStep(from_step)}` : name;
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
