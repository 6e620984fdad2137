/** `/projects/$projectId/pipelines/new`. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";
import type { CreatePipelineRequest, Project } from "@/api/types";
import { Page } from "@/components/shell";
import { DeniedState, QueryView, useToasts } from "@/components/ui";
import { projectAllows } from "@/lib/capabilities";
import { useDraft } from "@/lib/draft";
import { useSubmission } from "@/lib/form";
import { useRuntime } from "@/lib/instances/current";
import { projectQuery } from "@/lib/queries";
import { t } from "@/messages";
import { pipelineForm } from "@/messages/en/pipeline-form";
import { parentsOf } from "./crumbs";
import { EMPTY, withoutSecrets } from "./form-value";
import { PipelineForm } from "./pipeline-form";

export function NewPipelinePage({ projectId }: { projectId: string }) {
  const query = useQuery(projectQuery(useRuntime(), projectId));
  return (
    <Page title={t.pipelines.newTitle} parents={parentsOf(projectId, query.data?.project.name)}>
      <QueryView query={query} name={t.projects.one}>
        {({ project }) =>
          projectAllows(project, "manage_pipelines") ? <NewPipeline project={project} /> : <DeniedState />
        }
      </QueryView>
    </Page>
  );
}

function NewPipeline({ project }: { project: Project }) {
  const runtime = useRuntime();
  const { toast } = useToasts();
  const cache = useQueryClient();
  const router = useRouter();
  const draft = useDraft(`${runtime.instance.id}.pipeline.${project.id}.new`, EMPTY, withoutSecrets);
  const submission = useSubmission();
  function create(body: CreatePipelineRequest) {
    void submission.run(async () => {
      const path = { project_id: project.id };
      const { pipeline } = await runtime.api.post("/v1/projects/{project_id}/pipelines", { path, body });
      if (!draft.value.enabled) {
        await runtime.api.patch("/v1/pipelines/{pipeline_id}", {
          path: { pipeline_id: pipeline.id },
          body: { enabled: false },
        });
      }
      draft.discard();
      await cache.invalidateQueries({ queryKey: runtime.key("pipelines", project.id) });
      toast(pipelineForm.created(pipeline.name));
      const params = { projectId: project.id, pipelineId: pipeline.id };
      await router.navigate({
        to: "/projects/$projectId/pipelines/$pipelineId",
        params,
        ignoreBlocker: true,
      });
    });
  }
  return (
    <PipelineForm
      project={project}
      draft={draft}
      submission={submission}
      submitLabel={pipelineForm.create}
      onSubmit={create}
    />
  );
}
