/** `/projects/$projectId/pipelines/$pipelineId`: what it builds, its builds, run, edit, delete. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";
import { useState } from "react";
import { toApiError } from "@/api/errors";
import type { PipelineDetail, Project } from "@/api/types";
import { BuildList, RunDialog } from "@/components/builds";
import { Page } from "@/components/shell";
import {
  Button,
  ButtonLink,
  ConfirmDialog,
  EmptyState,
  GoneState,
  QueryView,
  Section,
  useToasts,
} from "@/components/ui";
import { VariablesSection } from "@/components/variables";
import { projectAllows, useCan } from "@/lib/capabilities";
import { formatNumber } from "@/lib/format";
import { useRuntime } from "@/lib/instances/current";
import { buildsQuery, pipelineQuery, projectQuery } from "@/lib/queries";
import { KEYS, useShortcuts } from "@/lib/shortcuts";
import { t } from "@/messages";
import { pipelineDetail } from "@/messages/en/pipeline-detail";
import { ConfigurationFacts } from "./configuration-facts";
import { parentsOf } from "./crumbs";
import { Schedules } from "./schedules";

type Props = { projectId: string; pipelineId: string };

export function PipelinePage({ projectId, pipelineId }: Props) {
  const runtime = useRuntime();
  const project = useQuery(projectQuery(runtime, projectId)).data?.project;
  const query = useQuery(pipelineQuery(runtime, pipelineId));
  const back = (
    <ButtonLink to="/projects/$projectId" params={{ projectId }}>
      {project?.name ?? t.projects.one}
    </ButtonLink>
  );
  return (
    <Page
      title={query.data?.pipeline.name ?? t.pipelines.one}
      parents={parentsOf(projectId, project?.name)}
      actions={project && query.data && <Actions project={project} detail={query.data} />}
    >
      <QueryView
        query={query}
        name={t.pipelines.one}
        gone={<GoneState name={t.pipelines.one} actions={back} />}
      >
        {({ pipeline, schedules }) => (
          <div className="grid grid-cols-1 items-start gap-6 lg:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]">
            <div className="flex flex-col gap-6">
              <Builds pipelineId={pipelineId} />
              {project && <VariablesSection project={project} pipelineId={pipelineId} />}
            </div>
            <div className="flex flex-col gap-6">
              <Schedules schedules={schedules} />
              <ConfigurationFacts pipeline={pipeline} />
            </div>
          </div>
        )}
      </QueryView>
    </Page>
  );
}

const RECENT = 20;

function Builds({ pipelineId }: { pipelineId: string }) {
  const query = useQuery(buildsQuery(useRuntime(), { pipeline_id: pipelineId, limit: RECENT }));
  return (
    <Section title={pipelineDetail.builds}>
      <QueryView query={query} name={t.builds.title}>
        {({ builds }) =>
          builds.length > 0 ? (
            <BuildList builds={builds} scope="project" label={pipelineDetail.builds} />
          ) : (
            <EmptyState icon="build" title={t.builds.noBuilds}>
              <p>{t.projects.overview.noBuildsText}</p>
            </EmptyState>
          )
        }
      </QueryView>
    </Section>
  );
}

type Asking = "nothing" | "run" | "delete";

function Actions({ project, detail }: { project: Project; detail: PipelineDetail }) {
  const { pipeline } = detail;
  const can = useCan();
  const [asking, setAsking] = useState<Asking>("nothing");
  const params = { projectId: project.id, pipelineId: pipeline.id };
  const mayRun = projectAllows(project, "trigger_build") && pipeline.enabled;
  useShortcuts({ run: mayRun ? () => setAsking("run") : undefined });
  const close = () => setAsking("nothing");
  return (
    <>
      {projectAllows(project, "manage_pipelines") && (
        <ButtonLink to="/projects/$projectId/pipelines/$pipelineId/edit" params={params} icon="edit">
          {t.pipelines.edit}
        </ButtonLink>
      )}
      {can("pipelines.delete") && (
        <Button icon="delete" onClick={() => setAsking("delete")}>
          {t.action.delete}
        </Button>
      )}
      {projectAllows(project, "trigger_build") && (
        <Button
          variant="primary"
          icon="play"
          aria-keyshortcuts={KEYS.run}
          disabledReason={pipeline.enabled ? null : t.pipelines.disabledText}
          onClick={() => setAsking("run")}
        >
          {t.pipelines.run}
        </Button>
      )}
      {asking === "run" && <RunDialog project={project} pipeline={pipeline} onClose={close} />}
      {asking === "delete" && <Deletion project={project} detail={detail} onClose={close} />}
    </>
  );
}

function Deletion({
  project,
  detail,
  onClose,
}: {
  project: Project;
  detail: PipelineDetail;
  onClose: () => void;
}) {
  const { pipeline, build_count } = detail;
  const runtime = useRuntime();
  const { toast } = useToasts();
  const cache = useQueryClient();
  const router = useRouter();
  const [pending, setPending] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const words = pipelineDetail;
  const builds = t.projects.settings.buildCount(formatNumber(build_count), build_count === 1);
  async function remove() {
    setPending(true);
    try {
      await runtime.api.delete("/v1/pipelines/{pipeline_id}", { path: { pipeline_id: pipeline.id } });
      toast(words.deleted(pipeline.name));
      await router.navigate({ to: "/projects/$projectId", params: { projectId: project.id } });
      cache.removeQueries({ queryKey: runtime.key("pipeline", pipeline.id) });
      await cache.invalidateQueries({ queryKey: runtime.key("pipelines", project.id) });
    } catch (cause) {
      const failure = toApiError(cause);
      setError(failure.code === "active_builds" ? t.projects.settings.activeBuilds : failure.message);
      setPending(false);
    }
  }
  return (
    <ConfirmDialog
      title={words.deleteTitle(pipeline.name)}
      intro={t.projects.settings.willGo}
      consequences={words.deleteConsequences(builds)}
      typed={
        build_count > 0
          ? { label: t.projects.settings.typeName(pipeline.name), value: pipeline.name }
          : undefined
      }
      confirmLabel={words.delete}
      pending={pending}
      error={error}
      onConfirm={() => void remove()}
      onClose={onClose}
    />
  );
}
