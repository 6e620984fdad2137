/** The dialog that asks for a reason. Everyone else imports ../reason-dialog. */
import { type FormEvent, useId, useRef, useState } from "react";
import { useFocusFirstError, useSubmission } from "@/lib/form";
import { t } from "@/messages";
import { Dialog, DialogActions } from "../dialog";
import { Field, Input } from "../field";
import { FormError } from "../form";
import type { ReasonDialogProps } from "../reason-dialog";

const MOST_CHARACTERS = 500;

export default function ReasonDialogImpl(props: ReasonDialogProps) {
  const submission = useSubmission();
  const formId = useId();
  const form = useRef<HTMLFormElement>(null);
  const [reason, setReason] = useState("");
  const refusal = submission.error;
  const aboutReason = refusal?.code === "invalid_input" ? refusal.message : null;
  useFocusFirstError(form, refusal);
  function submit(event: FormEvent) {
    event.preventDefault();
    void submission.run(() => props.onSubmit(reason.trim() || undefined));
  }
  const footer = (
    <DialogActions
      form={formId}
      label={props.submitLabel}
      pending={submission.pending}
      onCancel={props.onClose}
    />
  );
  return (
    <Dialog title={props.title} description={props.text} onClose={props.onClose} footer={footer}>
      <form id={formId} ref={form} onSubmit={submit} className="flex flex-col gap-3" noValidate>
        <Field label={t.form.reason} help={props.help} optional error={aboutReason}>
          <Input
            value={reason}
            maxLength={MOST_CHARACTERS}
            onChange={(event) => setReason(event.target.value)}
            autoComplete="off"
          />
        </Field>
        <FormError error={aboutReason ? null : refusal} />
      </form>
    </Dialog>
  );
}
