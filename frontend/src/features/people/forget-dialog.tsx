/** Forgetting whom an account belongs to, after a change of the identity provider. Its sessions go on. */
import { useQueryClient } from "@tanstack/react-query";
import type { User } from "@/api/types";
import { ConfirmDialog, useToasts } from "@/components/ui";
import { reasonOf, useSubmission } from "@/lib/form";
import { useRuntime } from "@/lib/instances/current";
import { people } from "@/messages/en/people";

const words = people.forget;

type Props = { user: User; onClose: () => void };

export function ForgetDialog({ user, onClose }: Props) {
  const runtime = useRuntime();
  const { toast } = useToasts();
  const cache = useQueryClient();
  const submission = useSubmission();
  const forget = () =>
    submission.run(async () => {
      await runtime.api.post("/v1/users/{user_id}/forget-identity", { path: { user_id: user.id } });
      onClose();
      toast(words.done(user.email));
      await cache.invalidateQueries({ queryKey: runtime.key("users") });
    });
  return (
    <ConfirmDialog
      title={words.title(user.email)}
      intro={words.intro}
      consequences={words.consequences}
      confirmLabel={words.submit}
      pending={submission.pending}
      error={submission.error && reasonOf(submission.error)}
      onConfirm={() => void forget()}
      onClose={onClose}
    />
  );
}
