/** Dialogs. They are mounted only while open; the implementation is loaded then. They must not keep state of a closed one. */
import { type FormEvent, type ReactNode, useId, useState } from "react";
import { t } from "@/messages";
import { Button } from "./button";
import { Field, Input } from "./field";
import type { IconName } from "./icon";
import { onRequest } from "./on-request";

export type DialogProps = {
  title: string;
  description?: ReactNode;
  /** Left out when the dialog can only be answered, not dismissed. */
  onClose?: () => void;
  size?: "small" | "large";
  /** A bare dialog shows no title and leaves the room to its content. */
  frame?: "titled" | "bare";
  footer?: ReactNode;
  children?: ReactNode;
};

export const Dialog = onRequest<DialogProps>(() => import("./overlays/dialog-impl"));

type ActionsProps = {
  /** The form that is sent. */
  form: string;
  label: string;
  variant?: "primary" | "danger";
  icon?: IconName;
  pending: boolean;
  onCancel: () => void;
};

/** The foot of a dialog that holds a form: cancel, or send it. */
export function DialogActions({ form, label, variant = "primary", icon, pending, onCancel }: ActionsProps) {
  return (
    <>
      <Button onClick={onCancel}>{t.action.cancel}</Button>
      <Button variant={variant} type="submit" form={form} icon={icon} pending={pending}>
        {label}
      </Button>
    </>
  );
}

type ConfirmProps = {
  title: string;
  intro: string;
  consequences: string[];
  /** The exact text to type first; given only when data is lost for good. */
  typed?: { label: string; value: string };
  confirmLabel: string;
  pending: boolean;
  error?: string | null;
  onConfirm: () => void;
  onClose: () => void;
};

/** Asks before something is destroyed, and says what goes with it. */
export function ConfirmDialog(props: ConfirmProps) {
  const formId = useId();
  const [typed, setTyped] = useState("");
  const [missing, setMissing] = useState(false);
  function submit(event: FormEvent) {
    event.preventDefault();
    const wrong = props.typed !== undefined && typed.trim() !== props.typed.value;
    setMissing(wrong);
    if (!wrong && !props.pending) props.onConfirm();
  }
  const footer = (
    <DialogActions
      form={formId}
      label={props.confirmLabel}
      variant="danger"
      pending={props.pending}
      onCancel={props.onClose}
    />
  );
  return (
    <Dialog title={props.title} onClose={props.onClose} footer={footer}>
      <form id={formId} onSubmit={submit} className="flex flex-col gap-3" noValidate>
        <div>
          <p>{props.intro}</p>
          <ul className="mt-1 list-disc ps-5 text-ink-2">
            {props.consequences.map((line) => (
              <li key={line}>{line}</li>
            ))}
          </ul>
        </div>
        {props.typed && (
          <Field label={props.typed.label} error={missing ? t.form.required : null}>
            <Input
              value={typed}
              onChange={(event) => setTyped(event.target.value)}
              autoComplete="off"
              spellCheck={false}
            />
          </Field>
        )}
        {props.error && (
          <p role="alert" className="rounded bg-failed-tint px-3 py-2 text-failed">
            {props.error}
          </p>
        )}
      </form>
    </Dialog>
  );
}
