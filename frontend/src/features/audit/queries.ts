/** Reading the audit log. */
import { queryOptions } from "@tanstack/react-query";
import type { Runtime } from "@/lib/instances/runtime";
import type { AuditSearch } from "./search";
import { toQuery } from "./wire";

export const auditQuery = (rt: Runtime, search: AuditSearch) =>
  queryOptions({
    queryKey: rt.key("audit", search),
    queryFn: ({ signal }) => rt.api.get("/v1/audit-logs", { query: toQuery(search), signal }),
    // Nothing on the event stream says that an entry was added.
    staleTime: 2_000,
  });
