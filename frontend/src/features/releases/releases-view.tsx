/** The releases of one app: the one to test now, what is under way, the earlier ones. */
import { useQuery } from "@tanstack/react-query";
import type { Project, ProjectReleases, Release } from "@/api/types";
import { ActiveList, subjectOf } from "@/components/builds";
import { EmptyState, QueryView, Section } from "@/components/ui";
import { projectAllows } from "@/lib/capabilities";
import { deviceHere } from "@/lib/device";
import { useRuntime } from "@/lib/instances/current";
import { useRowKeys } from "@/lib/row-keys";
import { releases as words } from "@/messages/en/releases";
import { Earlier } from "./earlier";
import { projectReleasesQuery } from "./queries";
import { ReleaseCard } from "./release-card";
import { StickyInstall } from "./sticky-install";

export function ReleasesView({ project }: { project: Project }) {
  const query = useQuery(projectReleasesQuery(useRuntime(), project.id));
  useRowKeys();
  return (
    <QueryView query={query} name={words.name}>
      {(page) => <Releases project={project} page={page} />}
    </QueryView>
  );
}

function Releases({ project, page }: { project: Project; page: ProjectReleases }) {
  const { releases, coming, next_cursor } = page;
  const current = currentOf(releases);
  const earlier = releases.filter((release) => release !== current);
  return (
    <div className="flex flex-col gap-6">
      {current && <StickyInstall artifacts={current.artifacts} />}
      {current ? (
        <Section title={words.current}>
          <p className="text-lg font-semibold break-words">{subjectOf(current.build)}</p>
          <ReleaseCard
            {...current}
            level={3}
            links={projectAllows(project, "write_artifacts") ? "allowed" : "denied"}
          />
        </Section>
      ) : (
        <EmptyState icon="artifact" title={words.noneOf(project.name)}>
          <p>{words.emptyText}</p>
        </EmptyState>
      )}
      {coming.length > 0 && (
        <Section title={words.coming}>
          <ActiveList builds={coming} label={words.coming} />
        </Section>
      )}
      {(earlier.length > 0 || next_cursor) && (
        <Section title={words.earlier}>
          <Earlier projectId={project.id} releases={earlier} next={next_cursor} />
        </Section>
      )}
    </div>
  );
}

/** The newest that this device can install; without one, or on a computer, the newest of all. */
function currentOf(all: readonly Release[]): Release | undefined {
  const here = deviceHere();
  const fits = ({ artifacts }: Release) => artifacts.some(({ installs_on }) => installs_on === here);
  return (here && all.find(fits)) ?? all[0];
}
