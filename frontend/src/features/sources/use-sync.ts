/** Reads accounts and repositories from the code host. */
import { useQueryClient } from "@tanstack/react-query";
import { useToasts } from "@/components/ui";
import { type Submission, useSubmission } from "@/lib/form";
import { formatNumber } from "@/lib/format";
import { useRuntime } from "@/lib/instances/current";
import { source as words } from "@/messages/en/source";

export function useSync(sourceId: string): Submission & { go: () => void } {
  const runtime = useRuntime();
  const { toast } = useToasts();
  const cache = useQueryClient();
  const submission = useSubmission();
  const go = () =>
    submission.run(async () => {
      // What failed may have changed the source too: it is marked as broken then.
      try {
        const path = { id: sourceId };
        const answer = await runtime.api.post("/v1/integrations/{id}/installations", { path, body: {} });
        const count = answer.installations.length;
        toast(words.sync.done(formatNumber(count), count === 1));
      } finally {
        await cache.invalidateQueries({ queryKey: runtime.key("sources") });
      }
    });
  return { ...submission, go: () => void go() };
}
