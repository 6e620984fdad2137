/** Adding a variable or replacing its value. What is typed is kept nowhere but in the form. */
import { useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useId, useRef, useState } from "react";
import type { Variable, VariableKind } from "@/api/types";
import {
  Dialog,
  DialogActions,
  Field,
  FormError,
  Input,
  RadioGroup,
  Textarea,
  useToasts,
} from "@/components/ui";
import { useFocusFirstError, useSubmission } from "@/lib/form";
import { useRuntime } from "@/lib/instances/current";
import { t } from "@/messages";
import { variables } from "@/messages/en/variables";
import { type Scope, setVariable, variablesQuery } from "./scope";

const words = variables.form;
const KINDS = ["secret", "plain", "file"] as const satisfies readonly VariableKind[];

type Props = {
  scope: Scope;
  /** The one whose value is replaced. */
  former?: Variable;
  /** Names that are in use, which adding must not overwrite. */
  taken: string[];
  onClose: () => void;
};

export default function VariableDialog({ scope, former, taken, onClose }: Props) {
  const runtime = useRuntime();
  const { toast } = useToasts();
  const cache = useQueryClient();
  const submission = useSubmission();
  const formId = useId();
  const form = useRef<HTMLFormElement>(null);
  const [name, setName] = useState(former?.name ?? "");
  const [kind, setKind] = useState<VariableKind>(former?.kind ?? "secret");
  const [value, setValue] = useState(former?.value ?? "");
  const [refused, setRefused] = useState<string | null>(null);
  useFocusFirstError(form, submission.error ?? refused);
  function submit(event: FormEvent) {
    event.preventDefault();
    const wanted = name.trim();
    const wrong = wanted === "" ? t.form.required : taken.includes(wanted) ? words.taken : null;
    setRefused(wrong);
    if (wrong) return;
    void submission.run(async () => {
      await setVariable(runtime, scope, wanted, { kind, value });
      onClose();
      toast(words.saved(wanted));
      await cache.invalidateQueries({ queryKey: variablesQuery(runtime, scope).queryKey });
    });
  }
  const footer = (
    <DialogActions form={formId} label={words.save} pending={submission.pending} onCancel={onClose} />
  );
  const title = former ? words.replaceTitle(former.name) : words.addTitle;
  return (
    <Dialog title={title} onClose={onClose} footer={footer}>
      <form ref={form} id={formId} onSubmit={submit} className="flex flex-col gap-4" noValidate>
        {!former && (
          <Field label={words.name} help={words.nameHelp} error={refused ?? submission.errorOf("name")}>
            <Input
              className="font-mono"
              value={name}
              onChange={(event) => setName(event.target.value)}
              autoComplete="off"
              autoCapitalize="off"
              spellCheck={false}
            />
          </Field>
        )}
        <RadioGroup
          label={words.kind}
          options={KINDS.map((one) => ({
            value: one,
            label: variables.kinds[one],
            text: variables.kindTexts[one],
          }))}
          value={kind}
          onValue={setKind}
        />
        <Field
          label={kind === "file" ? words.content : words.value}
          help={kind === "plain" ? undefined : words.writeOnly}
          error={submission.errorOf("value")}
        >
          <Textarea
            className="font-mono"
            rows={kind === "file" ? 8 : 3}
            value={value}
            onChange={(event) => setValue(event.target.value)}
            autoComplete="off"
            spellCheck={false}
          />
        </Field>
        <FormError error={submission.error} />
      </form>
    </Dialog>
  );
}
