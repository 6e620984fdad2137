/** Asks before a variable is deleted. It must not take it from the list before the server has. */
import { useQueryClient } from "@tanstack/react-query";
import { ConfirmDialog, useToasts } from "@/components/ui";
import { reasonOf, useSubmission } from "@/lib/form";
import { useRuntime } from "@/lib/instances/current";
import { t } from "@/messages";
import { variables as words } from "@/messages/en/variables";
import { deleteVariable, type Scope, variablesQuery } from "./scope";

type Props = { scope: Scope; name: string; onClose: () => void };

export default function DeleteDialog({ scope, name, onClose }: Props) {
  const runtime = useRuntime();
  const { toast } = useToasts();
  const cache = useQueryClient();
  const submission = useSubmission();
  const remove = () =>
    submission.run(async () => {
      await deleteVariable(runtime, scope, name);
      onClose();
      toast(words.remove.done(name));
      await cache.invalidateQueries({ queryKey: variablesQuery(runtime, scope).queryKey });
    });
  return (
    <ConfirmDialog
      title={words.remove.title(name)}
      intro={words.remove.intro}
      consequences={words.remove.consequences}
      confirmLabel={t.action.delete}
      pending={submission.pending}
      error={submission.error && reasonOf(submission.error)}
      onConfirm={() => void remove()}
      onClose={onClose}
    />
  );
}
