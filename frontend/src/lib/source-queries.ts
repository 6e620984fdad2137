/**
 * Reading sources, their repositories and incidents; apart from `queries`, because signing in does without. All keys start
 * with `sources`, so that one event refreshes them. It must not hold mutations.
 */
import { queryOptions } from "@tanstack/react-query";
import type { operations } from "@/api/schema.gen";
import type { Runtime } from "./instances/runtime";

type QueryOf<O extends keyof operations> = NonNullable<operations[O]["parameters"]["query"]>;

export const sourcesQuery = (rt: Runtime, query: QueryOf<"list_integrations"> = {}) =>
  queryOptions({
    queryKey: rt.key("sources", "list", query),
    queryFn: ({ signal }) => rt.api.get("/v1/integrations", { query, signal }),
  });

export const sourceQuery = (rt: Runtime, id: string) =>
  queryOptions({
    queryKey: rt.key("sources", "one", id),
    queryFn: ({ signal }) => rt.api.get("/v1/integrations/{id}", { path: { id }, signal }),
  });

export const accountsQuery = (rt: Runtime, id: string) =>
  queryOptions({
    queryKey: rt.key("sources", "accounts", id),
    queryFn: ({ signal }) => rt.api.get("/v1/integrations/{id}/installations", { path: { id }, signal }),
  });

export const repositoriesQuery = (rt: Runtime, id: string, query: QueryOf<"list_repositories">) =>
  queryOptions({
    queryKey: rt.key("sources", "repositories", id, query),
    queryFn: ({ signal }) =>
      rt.api.get("/v1/integrations/{id}/repositories", { path: { id }, query, signal }),
  });

/** The repositories of all sources. */
export const allRepositoriesQuery = (rt: Runtime, query: QueryOf<"list_source_repositories">) =>
  queryOptions({
    queryKey: rt.key("sources", "repositories", query),
    queryFn: ({ signal }) => rt.api.get("/v1/integration-repositories", { query, signal }),
  });

/** What is open; of one source, or of all. */
export const incidentsQuery = (rt: Runtime, sourceId?: string) =>
  queryOptions({
    queryKey: rt.key("sources", "incidents", sourceId ?? "all"),
    queryFn: ({ signal }) =>
      rt.api.get("/v1/operator-incidents", { query: { resource_id: sourceId }, signal }),
  });

/** The picture of a repository. The token travels in a header, so it is fetched and shown as a blob. */
export const avatarQuery = (rt: Runtime, repositoryId: string) =>
  queryOptions({
    queryKey: rt.key("avatar", repositoryId),
    queryFn: async ({ signal }) => {
      const path = `/v1/integration-repositories/${encodeURIComponent(repositoryId)}/avatar`;
      return (await rt.api.fetch(path, { signal })).blob();
    },
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });
