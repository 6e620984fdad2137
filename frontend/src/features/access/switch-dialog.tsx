/**
 * The guard before people sign in another way: what happens, what must be in order, the way back in, a typed word.
 * The server refuses what would lock everybody out; this only makes sure that nobody is surprised.
 */
import { useRouter } from "@tanstack/react-router";
import { type FormEvent, type ReactNode, useId, useRef, useState } from "react";
import type { InstancePreferences } from "@/api/types";
import { CopyLine, Dialog, DialogActions, Field, FormError, Input } from "@/components/ui";
import { useFocusFirstError, useSubmission } from "@/lib/form";
import { useRuntime } from "@/lib/instances/current";
import type { Stored, Way } from "@/lib/ways";
import { t } from "@/messages";
import { accessSwitch as words } from "@/messages/en/access-switch";
import { settings } from "@/messages/later";

type Props = {
  preferences: InstancePreferences;
  way: Way;
  /** What is stored for it. */
  target: Stored;
  onClose: () => void;
  /** What must be in order first. */
  children: ReactNode;
};

export default function SwitchDialog({ preferences, way, target, onClose, children }: Props) {
  const runtime = useRuntime();
  const router = useRouter();
  const submission = useSubmission();
  const formId = useId();
  const form = useRef<HTMLFormElement>(null);
  const [typed, setTyped] = useState("");
  const [missing, setMissing] = useState(false);
  const word = settings.ways[way];
  useFocusFirstError(form, missing);
  function submit(event: FormEvent) {
    event.preventDefault();
    const isWrong = typed.trim() !== word;
    setMissing(isWrong);
    if (isWrong) return;
    void submission.run(async () => {
      const body = { key_storage_mode: preferences.key_storage_mode, ...target };
      await runtime.api.put("/v1/settings/preferences", { body });
      // The session that asked for it has ended with all others.
      runtime.session.end();
      await router.navigate({ to: "/login", state: { notice: "ended" }, ignoreBlocker: true });
    });
  }
  // In the footer, so that it is seen wherever the long text above is scrolled to.
  const footer = (
    <>
      {submission.error && (
        <div className="grow basis-full">
          <FormError error={submission.error} />
        </div>
      )}
      <DialogActions
        form={formId}
        label={words.submit}
        variant="danger"
        pending={submission.pending}
        onCancel={onClose}
      />
    </>
  );
  return (
    <Dialog title={words.dialog(word)} size="large" onClose={onClose} footer={footer}>
      <form id={formId} ref={form} onSubmit={submit} className="flex flex-col gap-4" noValidate>
        <div>
          <p className="font-medium">{words.happens}</p>
          <ul className="mt-1 list-disc ps-5 text-ink-2">
            <li>{words.all}</li>
            <li>{words.again[way]}</li>
            <li>{words.tokens}</li>
          </ul>
        </div>
        {children}
        {way !== "local" && (
          <div className="flex flex-col gap-1.5">
            <p className="font-medium">{words.recovery}</p>
            <p className="text-ink-2">{words.recoveryText}</p>
            <CopyLine text={words.command} />
          </div>
        )}
        <Field
          label={words.typed(word)}
          error={missing ? (typed.trim() ? words.wrong(word) : t.form.required) : null}
        >
          <Input
            value={typed}
            autoComplete="off"
            spellCheck={false}
            onChange={(event) => setTyped(event.target.value)}
          />
        </Field>
      </form>
    </Dialog>
  );
}
