/** All builds of one project, by pages. The global list with its filters is the builds feature's. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { BuildList } from "@/components/builds";
import { EmptyState, Pager, QueryView } from "@/components/ui";
import { useRuntime } from "@/lib/instances/current";
import { buildsQuery } from "@/lib/queries";
import { t } from "@/messages";
import { ProjectFrame } from "./project-frame";

const PAGE_SIZE = 50;

type Props = { projectId: string; offset: number; onOffset: (offset: number) => void };

export function ProjectBuildsPage({ projectId, offset, onOffset }: Props) {
  return (
    <ProjectFrame projectId={projectId} tab="builds">
      {() => <Builds projectId={projectId} offset={offset} onOffset={onOffset} />}
    </ProjectFrame>
  );
}

function Builds({ projectId, offset, onOffset }: Props) {
  const query = useQuery({
    ...buildsQuery(useRuntime(), { project_id: projectId, limit: PAGE_SIZE, offset }),
    placeholderData: keepPreviousData,
  });
  return (
    <QueryView query={query} name={t.builds.title}>
      {({ builds, total }) => (
        <>
          {builds.length > 0 && <BuildList builds={builds} scope="project" label={t.builds.title} />}
          {builds.length === 0 && offset === 0 && (
            <EmptyState icon="build" title={t.builds.noBuilds}>
              <p>{t.projects.overview.noBuildsText}</p>
            </EmptyState>
          )}
          <Pager offset={offset} limit={PAGE_SIZE} total={total ?? builds.length} onOffset={onOffset} />
        </>
      )}
    </QueryView>
  );
}
