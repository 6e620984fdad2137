/** Reading the members of a project and who could become one; searching among the latter. */
import { queryOptions } from "@tanstack/react-query";
import type { ProjectMemberCandidate, ProjectRole } from "@/api/types";
import type { Runtime } from "@/lib/instances/runtime";

export const PROJECT_ROLES = ["maintainer", "developer", "viewer"] as const satisfies readonly ProjectRole[];

export const membersQuery = (rt: Runtime, projectId: string) =>
  queryOptions({
    queryKey: rt.key("members", projectId),
    queryFn: ({ signal }) =>
      rt.api.get("/v1/projects/{project_id}/members", { path: { project_id: projectId }, signal }),
  });

export const candidatesQuery = (rt: Runtime, projectId: string) =>
  queryOptions({
    queryKey: rt.key("members", projectId, "candidates"),
    queryFn: ({ signal }) =>
      rt.api.get("/v1/projects/{project_id}/members/candidates", {
        path: { project_id: projectId },
        signal,
      }),
  });

/** Those whose e-mail address or name has the text; all without one. */
export function matching(candidates: ProjectMemberCandidate[], text: string): ProjectMemberCandidate[] {
  const wanted = text.trim().toLowerCase();
  if (wanted === "") return candidates;
  return candidates.filter(({ email, display_name }) =>
    [email, display_name ?? ""].some((name) => name.toLowerCase().includes(wanted)),
  );
}
