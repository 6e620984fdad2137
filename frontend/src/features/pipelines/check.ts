/** Asking the server whether settings, or a text in the shape of a file, are valid. It knows no rules itself. */
import { queryOptions } from "@tanstack/react-query";
import type { ValidatePipelineRequest } from "@/api/types";
import type { Runtime } from "@/lib/instances/runtime";

export function checkQuery(runtime: Runtime, body: ValidatePipelineRequest) {
  return queryOptions({
    queryKey: runtime.key("pipeline-check", JSON.stringify(body)),
    queryFn: ({ signal }) => runtime.api.post("/v1/pipelines/validate", { body, signal }),
    // For half a minute the same text has the same answer: what was just checked is not asked again to leave or save it.
    staleTime: 30_000,
    gcTime: 30_000,
  });
}
