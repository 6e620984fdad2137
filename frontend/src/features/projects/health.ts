/** How the projects of a list go, in one request beside the list's. It must not hold up the list nor fail with it. */
import { keepPreviousData, queryOptions, useQuery } from "@tanstack/react-query";
import type { Project } from "@/api/types";
import { useRuntime } from "@/lib/instances/current";
import type { Runtime } from "@/lib/instances/runtime";
import type { Health } from "./project-health";

/** Another order of the same projects asks for nothing anew. */
const healthQuery = (rt: Runtime, projects: readonly Project[]) => {
  const ids = projects
    .map(({ id }) => id)
    .sort()
    .join(",");
  return queryOptions({
    queryKey: rt.key("project-health", ids),
    queryFn: ({ signal }) => rt.api.get("/v1/projects/health", { query: { ids }, signal }),
    enabled: ids !== "",
  });
};

export function useHealth(projects: readonly Project[]) {
  const query = useQuery({ ...healthQuery(useRuntime(), projects), placeholderData: keepPreviousData });
  // Between two tries a query that failed is pending again; people see no difference.
  const hasFailed = query.errorUpdateCount > 0 && !query.isSuccess;
  const isRead = !query.isPlaceholderData && (query.isSuccess || hasFailed);
  const known = new Map(query.data?.projects.map((health) => [health.project_id, health]));
  return {
    hasFailed,
    retry: () => void query.refetch(),
    of: ({ id }: Project): Health => known.get(id) ?? (isRead ? "unknown" : "pending"),
  };
}
