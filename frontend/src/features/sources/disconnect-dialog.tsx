/** Disconnecting a source: says what goes with it. While its builds run the server refuses, and its reason is shown. */
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import type { IntegrationDetail } from "@/api/types";
import { sourceName, sourceQuery } from "@/components/sources";
import { ConfirmDialog, useToasts } from "@/components/ui";
import { reasonOf, useSubmission } from "@/lib/form";
import { formatNumber } from "@/lib/format";
import { useRuntime } from "@/lib/instances/current";
import { sourceDialogs } from "@/messages/en/source-dialogs";

const words = sourceDialogs.disconnect;

type Props = { detail: IntegrationDetail; onClose: () => void };

export default function DisconnectDialog({ detail, onClose }: Props) {
  const runtime = useRuntime();
  const { toast } = useToasts();
  const cache = useQueryClient();
  const navigate = useNavigate();
  const submission = useSubmission();
  const { integration: source, repository_count: count } = detail;
  const name = sourceName(source);
  const disconnect = () =>
    submission.run(async () => {
      await runtime.api.delete("/v1/integrations/{id}", { path: { id: source.id } });
      toast(words.done(name));
      await navigate({ to: "/settings/integrations" });
      cache.removeQueries({ queryKey: sourceQuery(runtime, source.id).queryKey });
      await cache.invalidateQueries({ queryKey: runtime.key("sources") });
      await cache.invalidateQueries({ queryKey: runtime.key("projects") });
    });
  const { error } = submission;
  const isBusy = error?.code === "integration_has_active_builds";
  const reason = error && (isBusy ? `${error.message}. ${words.running}` : reasonOf(error));
  return (
    <ConfirmDialog
      title={words.title(name)}
      intro={words.intro}
      consequences={[
        ...words.consequences(formatNumber(count), count === 1),
        ...words.atHost[source.provider],
      ]}
      confirmLabel={words.submit}
      pending={submission.pending}
      error={reason}
      onConfirm={() => void disconnect()}
      onClose={onClose}
    />
  );
}
