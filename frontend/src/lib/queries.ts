/**
 * Query options of the nouns that several features read. Keys start with the noun, as lib/live/patch.ts expects:
 * projects, project/<id>, pipelines/<project>, pipeline/<id>, builds, runners. Those of one build are in `build-queries`.
 * It must not hold mutations; those live with their feature.
 */
import { queryOptions } from "@tanstack/react-query";
import type { operations } from "@/api/schema.gen";
import type { Runtime } from "./instances/runtime";

type QueryOf<O extends keyof operations> = operations[O]["parameters"] extends { query?: infer Q }
  ? NonNullable<Q>
  : never;

/** How often what no event tells of is asked for; sooner after a failure, as any query is. */
export const every = (rt: Runtime, ms: number) => (asked: { queryHash: string }) => {
  const afterFailure = rt.queryClient.getDefaultOptions().queries?.refetchInterval;
  const query = rt.queryClient.getQueryCache().get(asked.queryHash);
  return (query && typeof afterFailure === "function" && afterFailure(query)) || ms;
};

export const bootstrapQuery = (rt: Runtime) =>
  queryOptions({
    queryKey: rt.key("bootstrap"),
    queryFn: async ({ signal }) => {
      const bootstrap = await rt.api.get("/v1/bootstrap", { signal });
      rt.recognise(bootstrap.instance.id);
      return bootstrap;
    },
    // The pages that are left when a session ends still show for a moment: they have nothing to ask for.
    enabled: () => rt.session.token() !== null,
    staleTime: 300_000,
  });

/** How people sign in, and whether the instance is set up: known to anybody. */
export const setupStatusQuery = (rt: Runtime) =>
  queryOptions({
    queryKey: rt.key("setup-status"),
    queryFn: ({ signal }) => rt.api.get("/v1/public/setup-status", { signal }),
    staleTime: 0,
  });

export const projectsQuery = (rt: Runtime, query: QueryOf<"list_projects"> = {}) =>
  queryOptions({
    queryKey: rt.key("projects", query),
    queryFn: ({ signal }) => rt.api.get("/v1/projects", { query, signal }),
  });

export const projectQuery = (rt: Runtime, id: string) =>
  queryOptions({
    queryKey: rt.key("project", id),
    queryFn: ({ signal }) => rt.api.get("/v1/projects/{project_id}", { path: { project_id: id }, signal }),
  });

export const pipelinesQuery = (rt: Runtime, projectId: string) =>
  queryOptions({
    queryKey: rt.key("pipelines", projectId),
    queryFn: ({ signal }) =>
      rt.api.get("/v1/projects/{project_id}/pipelines", {
        path: { project_id: projectId },
        query: { limit: 200, sort: "name", direction: "asc" },
        signal,
      }),
  });

export const pipelineQuery = (rt: Runtime, id: string) =>
  queryOptions({
    queryKey: rt.key("pipeline", id),
    queryFn: ({ signal }) => rt.api.get("/v1/pipelines/{pipeline_id}", { path: { pipeline_id: id }, signal }),
  });

export const buildsQuery = (rt: Runtime, query: QueryOf<"list_builds"> = {}) =>
  queryOptions({
    queryKey: rt.key("builds", query),
    queryFn: ({ signal }) => rt.api.get("/v1/builds", { query, signal }),
  });

/** The newest builds of a project, for its overview. */
export const projectBuildsQuery = (rt: Runtime, projectId: string) =>
  buildsQuery(rt, { project_id: projectId, limit: 20 });

export const usersQuery = (rt: Runtime, query: QueryOf<"list_users"> = {}) =>
  queryOptions({
    queryKey: rt.key("users", query),
    queryFn: ({ signal }) => rt.api.get("/v1/users", { query, signal }),
  });

export const runnersQuery = (rt: Runtime, query: QueryOf<"list_runners"> = {}) =>
  queryOptions({
    queryKey: rt.key("runners", query),
    queryFn: ({ signal }) => rt.api.get("/v1/runners", { query, signal }),
  });

export const RUNNERS_PER_PAGE = 50;

/** A page of all runners. */
export const runnerListQuery = (rt: Runtime, offset = 0) =>
  runnersQuery(rt, { limit: RUNNERS_PER_PAGE, offset });

/** What waits becomes what waits for long without any event. */
const HOME_REFETCH_MS = 300_000;

/** What home shows, in one answer. What is pinned is asked for by name, as this browser keeps it. */
export const homeQuery = (rt: Runtime, pins: readonly string[]) =>
  queryOptions({
    queryKey: rt.key("home", pins),
    queryFn: ({ signal }) =>
      rt.api.get("/v1/home", { query: pins.length > 0 ? { pinned: pins.join(",") } : {}, signal }),
    refetchInterval: every(rt, HOME_REFETCH_MS),
  });
