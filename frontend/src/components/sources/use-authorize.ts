/** Sends the person to GitLab to agree; they come back to the page of the source. */
import { type Submission, useSubmission } from "@/lib/form";
import { pageAddress, useRuntime } from "@/lib/instances/current";
import type { Runtime } from "@/lib/instances/runtime";
import { leaveFor } from "./leave";

export function useAuthorize(sourceId: string): Submission & { go: (report?: boolean) => void } {
  const runtime = useRuntime();
  const submission = useSubmission();
  return { ...submission, go: (report) => void submission.run(() => authorize(runtime, sourceId, report)) };
}

/** To report how builds go, more has to be agreed to than to read. */
export async function authorize(runtime: Runtime, sourceId: string, report = false): Promise<void> {
  const body = {
    integration_id: sourceId,
    report,
    redirect_url: pageAddress(runtime.instance, `/settings/integrations/${sourceId}`),
  };
  const { authorize_url } = await runtime.api.post("/v1/integrations/gitlab/authorize", {
    body,
  });
  leaveFor(authorize_url);
}
