/** A project at a glance: its pipelines with their last build and a run button, and the newest builds. */
import { type UseQueryResult, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import type { ListBuilds, Pipeline, Project, ProjectDetail } from "@/api/types";
import { BuildList, LastBuild, RunDialog } from "@/components/builds";
import {
  Badge,
  Button,
  ButtonLink,
  EmptyState,
  QueryView,
  Section,
  Skeleton,
  SkeletonRows,
} from "@/components/ui";
import { projectAllows } from "@/lib/capabilities";
import { useRuntime } from "@/lib/instances/current";
import { platformName } from "@/lib/platform";
import { buildsQuery, pipelinesQuery, projectBuildsQuery } from "@/lib/queries";
import { t } from "@/messages";
import { ProjectFrame } from "./project-frame";

export function OverviewPage({ projectId }: { projectId: string }) {
  return (
    <ProjectFrame projectId={projectId} tab="overview">
      {(detail) => <Overview detail={detail} />}
    </ProjectFrame>
  );
}

function Overview({ detail: { project } }: { detail: ProjectDetail }) {
  const runtime = useRuntime();
  const pipelines = useQuery(pipelinesQuery(runtime, project.id));
  const builds = useQuery(projectBuildsQuery(runtime, project.id));
  const [running, setRunning] = useState<Pipeline | null>(null);
  const words = t.projects.overview;
  const params = { projectId: project.id };
  const add = projectAllows(project, "manage_pipelines") && (
    <ButtonLink to="/projects/$projectId/pipelines/new" params={params} icon="add">
      {t.pipelines.add}
    </ButtonLink>
  );
  return (
    <div className="flex flex-col gap-6">
      <Section title={words.pipelines} actions={add}>
        <QueryView query={pipelines} name={words.pipelines} skeleton={<SkeletonRows rows={2} />}>
          {(list) => (
            <Pipelines project={project} pipelines={list.pipelines} recent={builds} onRun={setRunning} />
          )}
        </QueryView>
      </Section>
      <Section
        title={words.recent}
        actions={
          <Link to="/projects/$projectId/builds" params={params} className="tap text-accent hover:underline">
            {words.allBuilds}
          </Link>
        }
      >
        <QueryView query={builds} name={words.recent}>
          {(list) =>
            list.builds.length > 0 ? (
              <BuildList builds={list.builds} scope="project" label={words.recent} />
            ) : (
              <EmptyState icon="build" title={t.builds.noBuilds}>
                <p>{words.noBuildsText}</p>
              </EmptyState>
            )
          }
        </QueryView>
      </Section>
      {running && <RunDialog project={project} pipeline={running} onClose={() => setRunning(null)} />}
    </div>
  );
}

type PipelinesProps = {
  project: Project;
  pipelines: Pipeline[];
  recent: UseQueryResult<ListBuilds>;
  onRun: (pipeline: Pipeline) => void;
};

function Pipelines({ project, pipelines, recent, onRun }: PipelinesProps) {
  const words = t.projects.overview;
  if (pipelines.length === 0) {
    const mayAdd = projectAllows(project, "manage_pipelines");
    return (
      <EmptyState icon="pipeline" title={words.noPipelines}>
        <p>{mayAdd ? words.noPipelinesText : words.noPipelinesReadOnly}</p>
      </EmptyState>
    );
  }
  const mayRun = projectAllows(project, "trigger_build");
  return (
    <ul className="card divide-y divide-line">
      {pipelines.map((pipeline) => (
        <li key={pipeline.id} className="flex flex-wrap items-center gap-x-4 gap-y-1 px-4 py-2.5">
          <div className="flex min-w-0 grow basis-40 flex-col">
            <span className="flex items-center gap-2">
              <Link
                to="/projects/$projectId/pipelines/$pipelineId"
                params={{ projectId: project.id, pipelineId: pipeline.id }}
                className="tap font-medium hover:underline"
              >
                {pipeline.name}
              </Link>
              {!pipeline.enabled && <Badge tone="queued">{words.disabled}</Badge>}
            </span>
            <span className="text-sm text-ink-3">
              {pipeline.execution_config.platforms?.map(platformName).join(", ")}
            </span>
          </div>
          <NewestBuild pipelineId={pipeline.id} recent={recent} />
          {mayRun && (
            <Button
              icon="play"
              aria-label={words.runPipeline(pipeline.name)}
              disabledReason={pipeline.enabled ? null : t.pipelines.disabledText}
              onClick={() => onRun(pipeline)}
            >
              {words.run}
            </Button>
          )}
        </li>
      ))}
    </ul>
  );
}

/** Mostly among the newest builds of the project; a quiet pipeline's needs a question of its own. */
function NewestBuild({ pipelineId, recent }: { pipelineId: string } & Pick<PipelinesProps, "recent">) {
  const { data: newest } = recent;
  const known = newest?.builds.find((build) => build.pipeline_id === pipelineId);
  const isCut = newest !== undefined && (newest.total ?? 0) > newest.builds.length;
  const older = useQuery({
    ...buildsQuery(useRuntime(), { pipeline_id: pipelineId, limit: 1 }),
    enabled: !known && isCut,
  });
  if (known) return <LastBuild build={known} />;
  if (older.isError || (recent.isError && !newest))
    return <span className="text-sm text-ink-3">{t.state.errorTitle(t.builds.nameOne)}</span>;
  if (!newest || older.isLoading) return <Skeleton className="h-5 w-32" />;
  return <LastBuild build={older.data?.builds[0]} />;
}
