/** Giving somebody another role. */
import { useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useId, useState } from "react";
import { type ApiError, toApiError } from "@/api/errors";
import type { User } from "@/api/types";
import { RoleField } from "@/components/settings";
import { Button, Dialog, FormError, toast } from "@/components/ui";
import { useSubmission } from "@/lib/form";
import { useRuntime } from "@/lib/instances/current";
import { t } from "@/messages";
import { people as words } from "@/messages/en/people";
import { roles } from "@/messages/later";
import { GIVEN_ROLES, type GivenRole } from "./roles";

type Props = { user: User; onClose: () => void; onRefused: (user: User, error: ApiError) => void };

export function RoleDialog({ user, onClose, onRefused }: Props) {
  const runtime = useRuntime();
  const cache = useQueryClient();
  const submission = useSubmission();
  const formId = useId();
  const [role, setRole] = useState<GivenRole>(
    GIVEN_ROLES.find((known) => known === user.role) ?? "developer",
  );
  function submit(event: FormEvent) {
    event.preventDefault();
    void submission.run(async () => {
      try {
        await runtime.api.patch("/v1/users/{user_id}/role", { path: { user_id: user.id }, body: { role } });
      } catch (cause) {
        // A role that may not be given is refused too; then the account itself stays changeable.
        if (user.role === "admin") onRefused(user, toApiError(cause));
        throw cause;
      }
      onClose();
      toast(words.role.done(user.email, roles.instance[role]));
      await cache.invalidateQueries({ queryKey: runtime.key("users") });
    });
  }
  const footer = (
    <>
      <Button onClick={onClose}>{t.action.cancel}</Button>
      <Button variant="primary" type="submit" form={formId} pending={submission.pending}>
        {words.role.submit}
      </Button>
    </>
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
          choices={GIVEN_ROLES}
          value={role}
          error={submission.errorOf("role")}
          onValue={setRole}
        />
        <FormError error={submission.error} />
      </form>
    </Dialog>
  );
}
