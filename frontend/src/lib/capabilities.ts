/** What the signed-in person may do, as the server says. Role names stay out. */
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

/** What opens each section of the settings. Who has none of these has no settings. */
export const SETTINGS_NEEDS = {
  general: "instance_settings.read",
  access: "instance_settings.read",
  sources: "integrations.read",
  deliveries: "integrations.write",
  storage: "instance_settings.read",
  retention: "instance_settings.read",
  notifications: "instance_settings.read",
  users: "users.read",
  audit: "audit_logs.read",
  system: "instance_settings.read",
} as const;

/** `can("projects.write")`; false until the server has answered. */
export function useCan(): (capability: string) => boolean {
  const { data } = useQuery(bootstrapQuery(useRuntime()));
  return (capability) => data?.capabilities.includes(capability) ?? false;
}

/** Whether the instance is for its own machine only; undefined until the server has answered. */
export function useRuntimeMode() {
  return useQuery(bootstrapQuery(useRuntime())).data?.instance.runtime_mode;
}

export function projectAllows(
  project: Pick<Project, "capabilities"> | undefined,
  action: ProjectAction,
): boolean {
  return project?.capabilities.includes(action) ?? false;
}

/** Who starts no builds is here to test: releases are their home. False until the server has answered. */
export function useIsTester(): boolean {
  const { data } = useQuery(bootstrapQuery(useRuntime()));
  return data !== undefined && !data.capabilities.includes("builds.write");
}
