/** Giving somebody another of the roles that the server offers for them. */
import { useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useId, useState } from "react";
import type { User, UserRole } from "@/api/types";
import { RoleField } from "@/components/settings";
import { Dialog, DialogActions, FormError, useToasts } from "@/components/ui";
import { useSubmission } from "@/lib/form";
import { useRuntime } from "@/lib/instances/current";
import { people as words } from "@/messages/en/people";
import { roles } from "@/messages/later";

type Props = { user: User; onClose: () => void };

export function RoleDialog({ user, onClose }: Props) {
  const runtime = useRuntime();
  const { toast } = useToasts();
  const cache = useQueryClient();
  const submission = useSubmission();
  const formId = useId();
  const [role, setRole] = useState<UserRole>(user.role);
  function submit(event: FormEvent) {
    event.preventDefault();
    void submission.run(async () => {
      await runtime.api.patch("/v1/users/{user_id}/role", { path: { user_id: user.id }, body: { role } });
      onClose();
      toast(words.role.done(user.email, roles.instance[role]));
      await cache.invalidateQueries({ queryKey: runtime.key("users") });
    });
  }
  const footer = (
    <DialogActions form={formId} label={words.role.submit} pending={submission.pending} onCancel={onClose} />
  );
  return (
    <Dialog
      title={words.role.title(user.email)}
      description={words.role.note}
      onClose={onClose}
      footer={footer}
    >
      <form id={formId} onSubmit={submit} className="flex flex-col gap-3" noValidate>
        <RoleField
          label={words.columns.role}
          question={words.invite.can}
          choices={user.assignable_roles}
          value={role}
          error={submission.errorOf("role")}
          onValue={setRole}
        />
        <FormError error={submission.error} />
      </form>
    </Dialog>
  );
}
