/** Asks for the name of a view. */
import { type FormEvent, useId, useState } from "react";
import { Dialog, DialogActions, Field, Input } from "@/components/ui";
import { t } from "@/messages";
import { viewWords as words } from "@/messages/en/build-views";

const MOST_CHARACTERS = 60;

type Props = {
  /** Names that stand for something else. */
  taken: readonly string[];
  onSave: (name: string) => void;
  onClose: () => void;
};

export default function SaveViewDialog({ taken, onSave, onClose }: Props) {
  const formId = useId();
  const [name, setName] = useState("");
  const [error, setError] = useState<string | null>(null);
  function submit(event: FormEvent) {
    event.preventDefault();
    const given = name.trim();
    if (given === "") setError(t.form.required);
    else if (taken.includes(given)) setError(words.taken);
    else onSave(given);
  }
  const footer = <DialogActions form={formId} label={t.action.save} pending={false} onCancel={onClose} />;
  return (
    <Dialog title={words.saveTitle} description={words.saveText} onClose={onClose} footer={footer}>
      <form id={formId} onSubmit={submit} noValidate>
        <Field label={words.name} error={error}>
          <Input
            value={name}
            maxLength={MOST_CHARACTERS}
            onChange={(event) => setName(event.target.value)}
            autoComplete="off"
          />
        </Field>
      </form>
    </Dialog>
  );
}
