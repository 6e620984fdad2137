/** Inviting somebody: e-mail address and role, then the address to give them. No mail is sent. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useId, useRef, useState } from "react";
import { RoleField } from "@/components/settings";
import { Banner, Button, CopyLine, Dialog, DialogActions, Field, FormError, Input } from "@/components/ui";
import { useFocusFirstError, useSubmission } from "@/lib/form";
import { useRuntime } from "@/lib/instances/current";
import { bootstrapQuery } from "@/lib/queries";
import { t } from "@/messages";
import { people } from "@/messages/en/people";
import { GIVEN_ROLES, type GivenRole } from "./roles";

const words = people.invite;

export function InviteDialog({ onClose }: { onClose: () => void }) {
  const [invited, setInvited] = useState<string | null>(null);
  if (invited !== null) {
    return <Invited email={invited} onAnother={() => setInvited(null)} onClose={onClose} />;
  }
  return <Ask onInvited={setInvited} onClose={onClose} />;
}

function Ask({ onInvited, onClose }: { onInvited: (email: string) => void; onClose: () => void }) {
  const runtime = useRuntime();
  const cache = useQueryClient();
  const submission = useSubmission();
  const formId = useId();
  const form = useRef<HTMLFormElement>(null);
  const [email, setEmail] = useState("");
  const [role, setRole] = useState<GivenRole>("developer");
  const [empty, setEmpty] = useState(false);
  const refusal = submission.error;
  const aboutEmail = refusal && ["invalid_email", "email_exists"].includes(refusal.code);
  useFocusFirstError(form, refusal ?? empty);
  function submit(event: FormEvent) {
    event.preventDefault();
    const isEmpty = email.trim() === "";
    setEmpty(isEmpty);
    if (isEmpty) return;
    void submission.run(async () => {
      const { user } = await runtime.api.post("/v1/users/invite", { body: { email: email.trim(), role } });
      void cache.invalidateQueries({ queryKey: runtime.key("users") });
      onInvited(user.email);
    });
  }
  const footer = (
    <DialogActions form={formId} label={words.submit} pending={submission.pending} onCancel={onClose} />
  );
  return (
    <Dialog title={words.title} onClose={onClose} footer={footer}>
      <form id={formId} ref={form} onSubmit={submit} className="flex flex-col gap-3" noValidate>
        <Field
          label={words.email}
          help={words.emailHelp}
          error={empty ? words.invalid : aboutEmail ? refusal.message : submission.errorOf("email")}
        >
          <Input
            type="email"
            autoComplete="off"
            spellCheck={false}
            required
            value={email}
            onChange={(event) => setEmail(event.target.value)}
          />
        </Field>
        <RoleField
          label={words.role}
          question={words.can}
          choices={GIVEN_ROLES}
          value={role}
          onValue={setRole}
        />
        <FormError error={aboutEmail ? null : refusal} />
      </form>
    </Dialog>
  );
}

type InvitedProps = { email: string; onAnother: () => void; onClose: () => void };

function Invited({ email, onAnother, onClose }: InvitedProps) {
  const runtime = useRuntime();
  const { data } = useQuery(bootstrapQuery(runtime));
  const base = data?.instance.public_url ?? runtime.instance.url;
  const footer = (
    <>
      <Button icon="add" onClick={onAnother}>
        {words.another}
      </Button>
      <Button variant="primary" onClick={onClose}>
        {t.action.close}
      </Button>
    </>
  );
  return (
    <Dialog title={words.done(email)} onClose={onClose} footer={footer}>
      <div className="flex flex-col gap-3" role="status">
        <p>{words.doneText}</p>
        <CopyLine text={`${base}/login`} />
        {data?.instance.runtime_mode === "local" && <Banner tone="warning" title={words.localText} />}
      </div>
    </Dialog>
  );
}
