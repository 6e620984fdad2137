/** Draining, renaming and removing a runner. The daemon's own can only be drained. */
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type FormEvent, useId, useRef, useState } from "react";
import type { Runner } from "@/api/types";
import {
  Button,
  ConfirmDialog,
  Dialog,
  DialogActions,
  Field,
  FormError,
  Input,
  useToasts,
} from "@/components/ui";
import { useCan } from "@/lib/capabilities";
import { reasonOf, useFocusFirstError, useSubmission } from "@/lib/form";
import { useRuntime } from "@/lib/instances/current";
import { t } from "@/messages";
import { runnerPages as words } from "@/messages/en/runner-pages";
import { useChange } from "./change";
import { DrainButton } from "./drain";

export function RunnerActions({ runner }: { runner: Runner }) {
  const can = useCan();
  const [open, setOpen] = useState<"rename" | "remove" | null>(null);
  const close = () => setOpen(null);
  const isOwn = runner.embedded;
  return (
    <>
      {can("runners.write") && <DrainButton runner={runner} />}
      {can("runners.write") && !isOwn && (
        <Button onClick={() => setOpen("rename")}>{words.rename.open}</Button>
      )}
      {can("runners.delete") && !isOwn && (
        <Button variant="danger" onClick={() => setOpen("remove")}>
          {words.remove.open}
        </Button>
      )}
      {open === "rename" && <RenameDialog runner={runner} onClose={close} />}
      {open === "remove" && <RemoveDialog runner={runner} onClose={close} />}
    </>
  );
}

type Props = { runner: Runner; onClose: () => void };

function RenameDialog({ runner, onClose }: Props) {
  const { toast } = useToasts();
  const change = useChange(runner);
  const submission = useSubmission();
  const formId = useId();
  const form = useRef<HTMLFormElement>(null);
  const [name, setName] = useState(runner.name);
  const [isBlank, setBlank] = useState(false);
  const refusal = submission.error;
  const aboutName = refusal?.code === "invalid_name" ? refusal.message : null;
  useFocusFirstError(form, refusal ?? isBlank);
  function submit(event: FormEvent) {
    event.preventDefault();
    setBlank(name.trim() === "");
    if (name.trim() === "") return;
    void submission.run(async () => {
      await change({ name: name.trim() });
      onClose();
      toast(words.rename.done(name.trim()));
    });
  }
  const footer = (
    <DialogActions
      form={formId}
      label={words.rename.submit}
      pending={submission.pending}
      onCancel={onClose}
    />
  );
  return (
    <Dialog title={words.rename.title(runner.name)} onClose={onClose} footer={footer}>
      <form id={formId} ref={form} onSubmit={submit} className="flex flex-col gap-3" noValidate>
        <Field label={words.rename.name} error={isBlank ? t.form.required : aboutName}>
          <Input value={name} maxLength={255} onChange={(event) => setName(event.target.value)} required />
        </Field>
        <FormError error={aboutName ? null : refusal} />
      </form>
    </Dialog>
  );
}

function RemoveDialog({ runner, onClose }: Props) {
  const runtime = useRuntime();
  const { toast } = useToasts();
  const cache = useQueryClient();
  const navigate = useNavigate();
  const submission = useSubmission();
  const remove = () =>
    submission.run(async () => {
      await runtime.api.delete("/v1/runners/{runner_id}", { path: { runner_id: runner.id } });
      onClose();
      toast(words.remove.done(runner.name));
      await navigate({ to: "/runners" });
      cache.removeQueries({ queryKey: runtime.key("runner", runner.id) });
      await cache.invalidateQueries({ queryKey: runtime.key("runners") });
    });
  return (
    <ConfirmDialog
      title={words.remove.title(runner.name)}
      intro={words.remove.intro}
      consequences={words.remove.consequences}
      confirmLabel={words.remove.submit}
      pending={submission.pending}
      error={submission.error && reasonOf(submission.error)}
      onConfirm={() => void remove()}
      onClose={onClose}
    />
  );
}
