/** Gives an instance another name in this browser. The instance itself does not learn of it. */
import { type FormEvent, useId, useState } from "react";
import { Dialog, DialogActions, Field, Input } from "@/components/ui";
import { type Instance, renameInstance } from "@/lib/instances/registry";
import { t } from "@/messages";
import { instances as words } from "@/messages/en/instances";

export const LONGEST_LABEL = 100;

export function RenameDialog({ instance, onClose }: { instance: Instance; onClose: () => void }) {
  const form = useId();
  const [label, setLabel] = useState(instance.label);
  const [isBlank, setBlank] = useState(false);
  function submit(event: FormEvent) {
    event.preventDefault();
    if (label.trim() === "") return setBlank(true);
    renameInstance(instance.id, label.trim());
    onClose();
  }
  const footer = <DialogActions form={form} label={words.rename.submit} pending={false} onCancel={onClose} />;
  return (
    <Dialog title={words.rename.title(instance.label)} onClose={onClose} footer={footer}>
      <form id={form} onSubmit={submit} noValidate>
        <Field label={words.rename.label} error={isBlank ? t.form.required : null}>
          <Input
            value={label}
            maxLength={LONGEST_LABEL}
            autoComplete="off"
            onChange={(event) => setLabel(event.target.value)}
          />
        </Field>
      </form>
    </Dialog>
  );
}
