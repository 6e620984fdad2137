/** Home: what runs now, what ran last, which projects there are; for a new instance, the way to the first build. */
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { BuildList } from "@/components/builds";
import { PausedNotice } from "@/components/paused-notice";
import { ProjectRow } from "@/components/projects/project-row";
import { Page } from "@/components/shell";
import { isActive, QueryView, Section, SkeletonRows } from "@/components/ui";
import { useRuntime } from "@/lib/instances/current";
import { t } from "@/messages";
import { FirstSteps } from "./first-steps";
import { homeBuildsQuery, homeProjectsQuery } from "./queries";
import { RunnerNotice } from "./runner-notice";

export function HomePage() {
  const runtime = useRuntime();
  const builds = useQuery(homeBuildsQuery(runtime));
  const projects = useQuery(homeProjectsQuery(runtime));
  const noBuilds = builds.data?.builds.length === 0;
  return (
    <Page title={t.home.title}>
      <PausedNotice />
      <RunnerNotice />
      {noBuilds && projects.data && <FirstSteps projects={projects.data.projects} />}
      <div className="grid grid-cols-1 items-start gap-6 lg:grid-cols-[minmax(0,2fr)_minmax(0,1fr)]">
        {!noBuilds && (
          <div className="flex min-w-0 flex-col gap-6">
            <QueryView query={builds} name={t.builds.title}>
              {(list) => <Builds builds={list.builds} />}
            </QueryView>
          </div>
        )}
        {(projects.data?.projects.length ?? 1) > 0 && (
          <Section title={t.home.projects} actions={<More to="/projects" label={t.home.allProjects} />}>
            <QueryView query={projects} name={t.projects.title} skeleton={<SkeletonRows rows={3} />}>
              {(list) => (
                <ul className="card divide-y divide-line">
                  {list.projects.map((project) => (
                    <ProjectRow key={project.id} project={project} />
                  ))}
                </ul>
              )}
            </QueryView>
          </Section>
        )}
      </div>
    </Page>
  );
}

function Builds({ builds }: { builds: Parameters<typeof BuildList>[0]["builds"] }) {
  const active = builds.filter((build) => isActive(build.status));
  const finished = builds.filter((build) => !isActive(build.status));
  return (
    <div className="flex flex-col gap-6">
      <Section title={t.home.active}>
        {active.length > 0 ? (
          <BuildList builds={active} label={t.home.active} />
        ) : (
          <p className="text-ink-3">{t.home.noActive}</p>
        )}
      </Section>
      {finished.length > 0 && (
        <Section title={t.home.recent} actions={<More to="/builds" label={t.home.allBuilds} />}>
          <BuildList builds={finished} label={t.home.recent} />
        </Section>
      )}
    </div>
  );
}

function More({ to, label }: { to: "/builds" | "/projects"; label: string }) {
  return (
    <Link to={to} className="tap text-accent hover:underline">
      {label}
    </Link>
  );
}
