/** What the signed-in person may do, as the server says. Role names stay out, except where said. */
import { useQuery } from "@tanstack/react-query";
import type { Project } from "@/api/types";
import { useRuntime } from "./instances/current";
import { bootstrapQuery } from "./queries";

export type ProjectAction =
  | "read"
  | "write"
  | "delete"
  | "manage_members"
  | "manage_pipelines"
  | "trigger_build"
  | "cancel_build"
  | "read_artifacts"
  | "write_artifacts"
  | "delete_artifacts";

/** `can("projects.write")`; false until the server has answered. */
export function useCan(): (capability: string) => boolean {
  const { data } = useQuery(bootstrapQuery(useRuntime()));
  return (capability) => data?.capabilities.includes(capability) ?? false;
}

/**
 * The owner alone changes how people reach the instance; no capability says so, hence this one look at a role. The server
 * decides in any case.
 */
export function useIsOwner(): boolean {
  const { data } = useQuery(bootstrapQuery(useRuntime()));
  return data?.user.role === "owner";
}

export function projectAllows(
  project: Pick<Project, "capabilities"> | undefined,
  action: ProjectAction,
): boolean {
  return project?.capabilities.includes(action) ?? false;
}
