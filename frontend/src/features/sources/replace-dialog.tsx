/** Replacing the access token of a GitLab source. The token must not leave this form. */
import { useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useId, useRef, useState } from "react";
import { Dialog, DialogActions, Field, FormError, Input, useToasts } from "@/components/ui";
import { useFocusFirstError, useSubmission } from "@/lib/form";
import { useRuntime } from "@/lib/instances/current";
import { t } from "@/messages";
import { sourceDialogs } from "@/messages/en/source-dialogs";

const words = sourceDialogs.token;

type Props = { sourceId: string; onDone: () => void; onClose: () => void };

export default function ReplaceDialog({ sourceId, onDone, onClose }: Props) {
  const runtime = useRuntime();
  const { toast } = useToasts();
  const cache = useQueryClient();
  const submission = useSubmission();
  const formId = useId();
  const form = useRef<HTMLFormElement>(null);
  const [token, setToken] = useState("");
  const [missing, setMissing] = useState(false);
  const refusal = submission.error;
  useFocusFirstError(form, refusal ?? missing);
  function submit(event: FormEvent) {
    event.preventDefault();
    const isEmpty = token.trim() === "";
    setMissing(isEmpty);
    if (isEmpty) return;
    void submission.run(async () => {
      const body = { access_token: token.trim() };
      await runtime.api.put("/v1/integrations/{id}/gitlab-token", { path: { id: sourceId }, body });
      toast(words.done);
      onDone();
      await cache.invalidateQueries({ queryKey: runtime.key("sources") });
    });
  }
  const footer = (
    <DialogActions form={formId} label={words.submit} pending={submission.pending} onCancel={onClose} />
  );
  return (
    <Dialog title={words.title} description={words.text} onClose={onClose} footer={footer}>
      <form id={formId} ref={form} onSubmit={submit} className="flex flex-col gap-3" noValidate>
        <Field
          label={words.label}
          help={words.help}
          error={missing ? t.form.required : submission.errorOf("access_token")}
        >
          <Input
            type="password"
            autoComplete="off"
            spellCheck={false}
            value={token}
            onChange={(event) => setToken(event.target.value)}
            required
          />
        </Field>
        <FormError error={refusal} />
      </form>
    </Dialog>
  );
}
