/** `/projects/$projectId/pipelines/$pipelineId/edit`. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";
import { useMemo } from "react";
import type { CreatePipelineRequest, Pipeline, Project } from "@/api/types";
import { Page } from "@/components/shell";
import { DeniedState, QueryView, toast } from "@/components/ui";
import { projectAllows } from "@/lib/capabilities";
import { useDraft } from "@/lib/draft";
import { useSubmission } from "@/lib/form";
import { useRuntime } from "@/lib/instances/current";
import { pipelineQuery, projectQuery } from "@/lib/queries";
import { t } from "@/messages";
import { parentsOf } from "./crumbs";
import { fromPipeline, withoutSecrets } from "./form-value";
import { PipelineForm } from "./pipeline-form";

type Props = { projectId: string; pipelineId: string };

export function EditPipelinePage({ projectId, pipelineId }: Props) {
  const runtime = useRuntime();
  const project = useQuery(projectQuery(runtime, projectId));
  const pipeline = useQuery(pipelineQuery(runtime, pipelineId));
  const name = pipeline.data?.pipeline.name ?? t.pipelines.one;
  const parents = [
    ...parentsOf(projectId, project.data?.project.name),
    {
      label: name,
      to: { to: "/projects/$projectId/pipelines/$pipelineId", params: { projectId, pipelineId } },
    } as const,
  ];
  return (
    <Page title={t.pipelines.editTitle(name)} parents={parents}>
      <QueryView query={project} name={t.projects.one}>
        {(owner) =>
          projectAllows(owner.project, "manage_pipelines") ? (
            <QueryView query={pipeline} name={t.pipelines.one}>
              {(detail) => (
                <Edit key={detail.pipeline.updated_at} project={owner.project} pipeline={detail.pipeline} />
              )}
            </QueryView>
          ) : (
            <DeniedState />
          )
        }
      </QueryView>
    </Page>
  );
}

function Edit({ project, pipeline }: { project: Project; pipeline: Pipeline }) {
  const runtime = useRuntime();
  const cache = useQueryClient();
  const router = useRouter();
  const stored = useMemo(() => fromPipeline(pipeline), [pipeline]);
  const draft = useDraft(
    `${runtime.instance.id}.pipeline.${pipeline.id}.${pipeline.updated_at}`,
    stored,
    withoutSecrets,
  );
  const submission = useSubmission();
  function save(request: CreatePipelineRequest) {
    void submission.run(async () => {
      const path = { pipeline_id: pipeline.id };
      const body = { ...request, enabled: draft.value.enabled };
      await runtime.api.patch("/v1/pipelines/{pipeline_id}", { path, body });
      draft.discard();
      toast(t.pipelines.form.saved(request.name));
      const params = { projectId: project.id, pipelineId: pipeline.id };
      await router.navigate({
        to: "/projects/$projectId/pipelines/$pipelineId",
        params,
        ignoreBlocker: true,
      });
      await cache.invalidateQueries({ queryKey: runtime.key("pipeline", pipeline.id) });
      await cache.invalidateQueries({ queryKey: runtime.key("pipelines", project.id) });
    });
  }
  return (
    <PipelineForm
      project={project}
      stored={pipeline.execution_config}
      draft={draft}
      submission={submission}
      submitLabel={t.pipelines.form.save}
      onSubmit={save}
    />
  );
}
