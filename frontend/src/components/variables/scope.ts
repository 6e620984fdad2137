/** Where variables belong, and the requests about them. Values of secrets are sent and never read. */
import { queryOptions } from "@tanstack/react-query";
import type { SetVariableRequest } from "@/api/types";
import type { Runtime } from "@/lib/instances/runtime";

export type Scope = { projectId: string; pipelineId?: string };

const keyOf = ({ projectId, pipelineId }: Scope) => ["variables", projectId, pipelineId ?? "project"];

export const variablesQuery = (rt: Runtime, scope: Scope) =>
  queryOptions({
    queryKey: rt.key(...keyOf(scope)),
    queryFn: ({ signal }) =>
      scope.pipelineId
        ? rt.api.get("/v1/pipelines/{pipeline_id}/variables", {
            path: { pipeline_id: scope.pipelineId },
            signal,
          })
        : rt.api.get("/v1/projects/{project_id}/variables", {
            path: { project_id: scope.projectId },
            signal,
          }),
  });

export async function setVariable(rt: Runtime, scope: Scope, name: string, body: SetVariableRequest) {
  const { projectId, pipelineId } = scope;
  return pipelineId
    ? rt.api.put("/v1/pipelines/{pipeline_id}/variables/{name}", {
        path: { pipeline_id: pipelineId, name },
        body,
      })
    : rt.api.put("/v1/projects/{project_id}/variables/{name}", {
        path: { project_id: projectId, name },
        body,
      });
}

export async function deleteVariable(rt: Runtime, { projectId, pipelineId }: Scope, name: string) {
  return pipelineId
    ? rt.api.delete("/v1/pipelines/{pipeline_id}/variables/{name}", {
        path: { pipeline_id: pipelineId, name },
      })
    : rt.api.delete("/v1/projects/{project_id}/variables/{name}", { path: { project_id: projectId, name } });
}
