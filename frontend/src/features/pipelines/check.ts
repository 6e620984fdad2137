/** Asking the server whether settings, or a text in the shape of a file, are valid. It knows no rules itself. */
import { queryOptions } from "@tanstack/react-query";
import { ApiError } from "@/api/errors";
import type { CreatePipelineRequest, ValidatePipelineRequest, ValidatePipelineResponse } from "@/api/types";
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

/** What is asked about settings, wherever they are: the same question has one answer. */
export function checkOf(
  { name: _, ...settings }: CreatePipelineRequest,
  pipelineId: string | undefined,
): ValidatePipelineRequest {
  return { ...settings, pipeline_id: pipelineId };
}

/** What is wrong with settings, as the refusal that saving them would get: each message names its field first. */
export function refusalOf({ errors, diagnostics }: ValidatePipelineResponse): ApiError {
  const fields = diagnostics.flatMap(({ message }) => {
    const end = message.indexOf(": ");
    return end > 0 ? [{ field: message.slice(0, end), message: message.slice(end + 2) }] : [];
  });
  return new ApiError({ status: 400, code: "invalid_settings", message: errors.join("\n"), fields });
}
