/**
 * Home: what needs somebody now, what runs, what ran last, how the projects go; for a new instance, the way to the first build.
 * One request for all of it.
 */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Link, Navigate } from "@tanstack/react-router";
import { lazy, Suspense, useState } from "react";
import type { Home as HomeAnswer, RecentBuilds } from "@/api/types";
import { ActiveList, BuildList } from "@/components/builds";
import { Page } from "@/components/shell";
import { Pending, QueryView, Segmented, SkeletonRows } from "@/components/ui";
import { useIsTester } from "@/lib/capabilities";
import { useRuntime } from "@/lib/instances/current";
import { usePins } from "@/lib/pins";
import { homeQuery } from "@/lib/queries";
import { useRowKeys } from "@/lib/row-keys";
import { t } from "@/messages";
import { Attention } from "./attention-card";
import { Card } from "./card";
import { FirstSteps } from "./first-steps";
import { useNext } from "./next";
import { Projects } from "./project-card";
import { RunnerStrip } from "./runner-strip";

/** Apart from home, which most people see without. If it can't be loaded, home stands without it too. */
const NextCard = lazy(() => import("./next-card").catch(() => ({ default: () => null })));

export function HomePage() {
  if (useIsTester()) return <Navigate to="/releases" replace />;
  return <Home />;
}

function Home() {
  const { pins } = usePins();
  const ids = pins.map(({ id }) => id);
  const query = useQuery({ ...homeQuery(useRuntime(), ids), placeholderData: keepPreviousData });
  useRowKeys();
  return (
    <Page title={t.home.title}>
      <QueryView query={query} name={t.home.name}>
        {(home) => (
          // As a whole, so that nothing moves when the last part is there.
          <Suspense
            fallback={
              <Pending name={t.home.name}>
                <SkeletonRows />
              </Pending>
            }
          >
            <Cards home={home} onRetry={() => void query.refetch()} />
          </Suspense>
        )}
      </QueryView>
    </Page>
  );
}

function Cards({ home, onRetry }: { home: HomeAnswer; onRetry: () => void }) {
  const { first_run, attention, active, recent, projects, runners } = home;
  const common = { home, onRetry };
  const isNew = Boolean(first_run);
  const next = useNext();
  return (
    <div className="flex flex-col gap-6">
      {first_run && <FirstSteps firstRun={first_run} />}
      {!(isNew && attention?.length === 0) && (
        <Card {...common} title={t.home.attention.title} part="attention" content={attention}>
          {(items) => <Attention items={items} />}
        </Card>
      )}
      {!next.isOver && <NextCard home={home} next={next} />}
      <div className="grid grid-cols-1 items-start gap-6 lg:grid-cols-[minmax(0,2fr)_minmax(0,1fr)]">
        <div className="flex min-w-0 flex-col gap-6">
          {!isNew && (
            <Card {...common} title={t.home.active} part="active" content={active}>
              {(builds) =>
                builds.length > 0 ? (
                  <ActiveList builds={builds} label={t.home.active} />
                ) : (
                  <p className="text-ink-3">{t.home.noActive}</p>
                )
              }
            </Card>
          )}
          {!isNew && <Recent home={home} recent={recent} onRetry={onRetry} />}
        </div>
        <div className="flex min-w-0 flex-col gap-6">
          {projects?.length !== 0 && (
            <Card
              {...common}
              title={t.home.projects}
              part="projects"
              content={projects}
              actions={<More to="/projects" label={t.home.allProjects} />}
            >
              {(list) => <Projects projects={list} />}
            </Card>
          )}
          <Card {...common} title={t.home.runner.title} part="runners" content={runners}>
            {(list) => <RunnerStrip runners={list} />}
          </Card>
        </div>
      </div>
    </div>
  );
}

type Whose = "all" | "mine";
type RecentProps = { home: HomeAnswer; recent: RecentBuilds | null | undefined; onRetry: () => void };

function Recent({ home, recent, onRetry }: RecentProps) {
  const [whose, setWhose] = useState<Whose>("all");
  const options = (["all", "mine"] as const).map((value) => ({ value, label: t.home.whose[value] }));
  const actions = (
    <span className="flex flex-wrap items-center gap-3">
      <Segmented label={t.home.whose.label} options={options} value={whose} onChange={setWhose} />
      <More to="/builds" label={t.home.allBuilds} />
    </span>
  );
  return (
    <Card
      home={home}
      title={t.home.recent}
      part="recent"
      content={recent}
      actions={actions}
      onRetry={onRetry}
    >
      {(builds) =>
        builds[whose].length > 0 ? (
          <BuildList builds={builds[whose]} label={t.home.recent} />
        ) : (
          <p className="text-ink-3">{t.home.whose.none[whose]}</p>
        )
      }
    </Card>
  );
}

function More({ to, label }: { to: "/builds" | "/projects"; label: string }) {
  return (
    <Link to={to} className="tap text-accent hover:underline">
      {label}
    </Link>
  );
}
