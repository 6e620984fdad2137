/** After a project was created: the workflow files found in its repository, each one click away from being a pipeline. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { toApiError } from "@/api/errors";
import type { Project, WorkflowPreview } from "@/api/types";
import {
  Badge,
  Button,
  ButtonLink,
  EmptyState,
  QueryView,
  Section,
  toast,
  toastError,
} from "@/components/ui";
import { useRuntime } from "@/lib/instances/current";
import { t } from "@/messages";

export function PipelineProposal({ project }: { project: Project }) {
  const runtime = useRuntime();
  const discovery = useQuery({
    queryKey: runtime.key("workflows", project.id),
    queryFn: ({ signal }) =>
      runtime.api.get("/v1/projects/{project_id}/repository-workflows", {
        path: { project_id: project.id },
        signal,
      }),
  });
  const words = t.projects.proposal;
  const params = { projectId: project.id };
  return (
    <div className="flex max-w-2xl flex-col gap-4">
      <p className="text-ink-2">{words.text}</p>
      <QueryView query={discovery} name={words.found} gone={<Manual project={project} />}>
        {({ workflows }) =>
          workflows.length === 0 ? (
            <Manual project={project} />
          ) : (
            <Section title={words.found}>
              <ul className="card divide-y divide-line">
                {workflows.map((workflow) => (
                  <Workflow key={workflow.path} project={project} workflow={workflow} />
                ))}
              </ul>
            </Section>
          )
        }
      </QueryView>
      <div className="flex flex-wrap gap-2">
        <ButtonLink to="/projects/$projectId" params={params} icon="arrow">
          {words.later}
        </ButtonLink>
        {(discovery.isError || (discovery.data?.workflows.length ?? 0) > 0) && (
          <ButtonLink to="/projects/$projectId/pipelines/new" params={params} variant="ghost">
            {words.manual}
          </ButtonLink>
        )}
      </div>
    </div>
  );
}

function Manual({ project }: { project: Project }) {
  const action = (
    <ButtonLink to="/projects/$projectId/pipelines/new" params={{ projectId: project.id }} variant="primary">
      {t.projects.proposal.manual}
    </ButtonLink>
  );
  return (
    <EmptyState icon="pipeline" title={t.projects.overview.noPipelines} actions={action}>
      <p>{t.projects.proposal.none}</p>
    </EmptyState>
  );
}

type Progress = "idle" | "adding" | "added";

function Workflow({ project, workflow }: { project: Project; workflow: WorkflowPreview }) {
  const runtime = useRuntime();
  const cache = useQueryClient();
  const [progress, setProgress] = useState<Progress>("idle");
  const words = t.projects.proposal;
  async function add() {
    setProgress("adding");
    try {
      const body = {
        name: words.pipelineName(workflow.path),
        config_path: workflow.path,
        config_path_explicit: true,
      };
      const { pipeline } = await runtime.api.post("/v1/projects/{project_id}/pipelines", {
        path: { project_id: project.id },
        body,
      });
      setProgress("added");
      await cache.invalidateQueries({ queryKey: runtime.key("pipelines", project.id) });
      const to = { to: "/projects/$projectId", params: { projectId: project.id } } as const;
      toast(words.created(pipeline.name), { label: t.action.open, to });
    } catch (cause) {
      setProgress("idle");
      toastError(toApiError(cause));
    }
  }
  return (
    <li className="flex flex-wrap items-start gap-3 px-4 py-3">
      <div className="flex min-w-0 grow basis-48 flex-col gap-1">
        <span className="font-mono text-sm font-medium">{workflow.path}</span>
        {workflow.valid ? <Plan workflow={workflow} /> : <Problems errors={workflow.errors} />}
      </div>
      {progress === "added" ? (
        <Badge tone="passed" icon="check">
          {words.used}
        </Badge>
      ) : (
        <Button
          variant="primary"
          icon="add"
          pending={progress === "adding"}
          disabledReason={workflow.valid ? null : words.invalid}
          onClick={() => void add()}
        >
          {words.use}
        </Button>
      )}
    </li>
  );
}

function Plan({ workflow }: { workflow: WorkflowPreview }) {
  const { execution } = workflow;
  if (!execution) return null;
  const platforms = execution.platforms.map((platform) => t.pipelines.platform[platform]).join(", ");
  const flutter = execution.flutter_version ? ` · Flutter ${execution.flutter_version}` : "";
  return (
    <span className="text-sm text-ink-2">
      {platforms}
      {flutter}
    </span>
  );
}

function Problems({ errors }: { errors: string[] }) {
  return (
    <ul className="text-sm text-failed">
      {errors.map((error) => (
        <li key={error}>{error}</li>
      ))}
    </ul>
  );
}
