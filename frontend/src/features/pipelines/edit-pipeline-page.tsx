/** `/projects/$projectId/pipelines/$pipelineId/edit`. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import type { CreatePipelineRequest, Pipeline, Project } from "@/api/types";
import { Page } from "@/components/shell";
import { Banner, Button, DeniedState, QueryView, useToasts } from "@/components/ui";
import { projectAllows } from "@/lib/capabilities";
import { useDraft } from "@/lib/draft";
import { useSubmission } from "@/lib/form";
import { useRuntime } from "@/lib/instances/current";
import { pipelineQuery, projectQuery } from "@/lib/queries";
import { t } from "@/messages";
import { pipelineForm } from "@/messages/en/pipeline-form";
import { pipelineYaml as words } from "@/messages/en/pipeline-yaml";
import type { Wanted } from "./changes";
import { checkOf, checkQuery, refusalOf } from "./check";
import { parentsOf } from "./crumbs";
import { fromPipeline, withoutSecrets } from "./form-value";
import { PipelineForm } from "./pipeline-form";
import { Review } from "./review";

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
              {({ pipeline }) => <PinnedEdit key={pipeline.id} project={owner.project} current={pipeline} />}
            </QueryView>
          ) : (
            <DeniedState />
          )
        }
      </QueryView>
    </Page>
  );
}

/** What is edited stays what it was at first: somebody else's change must not take away what was typed. */
function PinnedEdit({ project, current }: { project: Project; current: Pipeline }) {
  const [pinned, setPinned] = useState(current);
  return (
    <Edit
      key={pinned.updated_at}
      project={project}
      pipeline={pinned}
      current={current}
      onReload={() => setPinned(current)}
    />
  );
}

type EditProps = { project: Project; pipeline: Pipeline; current: Pipeline; onReload: () => void };

function Edit({ project, pipeline, current, onReload }: EditProps) {
  const runtime = useRuntime();
  const { toast } = useToasts();
  const cache = useQueryClient();
  const router = useRouter();
  const stored = useMemo(() => fromPipeline(pipeline), [pipeline]);
  const draft = useDraft(
    `${runtime.instance.id}.pipeline.${pipeline.id}.${pipeline.updated_at}`,
    stored,
    withoutSecrets,
  );
  const submission = useSubmission();
  const [reviewed, setReviewed] = useState<Wanted | null>(null);
  const [known, setKnown] = useState(pipeline.updated_at);
  const isOutdated = current.updated_at !== known && !submission.pending;
  function reload() {
    draft.discard();
    onReload();
  }
  function review(request: CreatePipelineRequest) {
    void submission.run(async () => {
      const answer = await cache.fetchQuery(checkQuery(runtime, checkOf(request, pipeline.id)));
      if (!answer.valid) throw refusalOf(answer);
      setReviewed({ ...request, enabled: draft.value.enabled });
    });
  }
  function save(body: Wanted) {
    setReviewed(null);
    void submission.run(async () => {
      const path = { pipeline_id: pipeline.id };
      await runtime.api.patch("/v1/pipelines/{pipeline_id}", { path, body });
      draft.discard();
      toast(pipelineForm.saved(body.name));
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
    <>
      <div role="status">
        {isOutdated && (
          <Banner
            tone="warning"
            title={words.changedMeanwhile}
            actions={
              <>
                <Button onClick={reload}>{words.takeTheirs}</Button>
                <Button onClick={() => setKnown(current.updated_at)}>{words.keepMine}</Button>
              </>
            }
          >
            <p>{words.changedMeanwhileText}</p>
          </Banner>
        )}
      </div>
      <PipelineForm
        project={project}
        pipeline={pipeline}
        draft={draft}
        submission={submission}
        submitLabel={pipelineForm.save}
        onSubmit={review}
      />
      {reviewed && (
        <Review
          stored={current}
          wanted={reviewed}
          onSave={() => save(reviewed)}
          onClose={() => setReviewed(null)}
        />
      )}
    </>
  );
}
