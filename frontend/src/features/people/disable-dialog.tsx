/** Disabling an account: says what ends with it, and offers to take it back. */
import { useQueryClient } from "@tanstack/react-query";
import type { User } from "@/api/types";
import { ConfirmDialog, useToasts } from "@/components/ui";
import { reasonOf, useSubmission } from "@/lib/form";
import { useRuntime } from "@/lib/instances/current";
import { people as words } from "@/messages/en/people";
import { useEnable } from "./people-table";

type Props = { user: User; onClose: () => void };

export function DisableDialog({ user, onClose }: Props) {
  const runtime = useRuntime();
  const { toastWithUndo } = useToasts();
  const cache = useQueryClient();
  const enable = useEnable();
  const submission = useSubmission();
  const disable = () =>
    submission.run(async () => {
      await runtime.api.delete("/v1/users/{user_id}", { path: { user_id: user.id } });
      onClose();
      toastWithUndo(words.disable.done(user.email), () => void enable(user));
      await cache.invalidateQueries({ queryKey: runtime.key("users") });
    });
  return (
    <ConfirmDialog
      title={words.disable.title(user.email)}
      intro={words.disable.intro}
      consequences={words.disable.consequences}
      confirmLabel={words.disable.submit}
      pending={submission.pending}
      error={submission.error && reasonOf(submission.error)}
      onConfirm={() => void disable()}
      onClose={onClose}
    />
  );
}
