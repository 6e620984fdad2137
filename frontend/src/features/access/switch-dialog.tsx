/**
 * The guard before people sign in another way: what happens, what must be in order, the way back in, a typed word.
 * The server refuses what would lock everybody out; this only makes sure that nobody is surprised.
 */
import { useQuery } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";
import { type FormEvent, useId, useRef, useState } from "react";
import type { InstancePreferences } from "@/api/types";
import { CopyLine, Dialog, DialogActions, Field, FormError, Input, QueryView, toast } from "@/components/ui";
import { useFocusFirstError, useSubmission } from "@/lib/form";
import { useRuntime } from "@/lib/instances/current";
import { type Stored, storedFor, type Way } from "@/lib/ways";
import { t } from "@/messages";
import { access } from "@/messages/en/access";
import { settings } from "@/messages/later";
import { Checks } from "./checks-section";
import { preflightQuery } from "./queries";

const words = access.mode;

type Props = { preferences: InstancePreferences; way: Way; onClose: () => void };

export function SwitchDialog({ preferences, way, onClose }: Props) {
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
      const body = { key_storage_mode: preferences.key_storage_mode, ...storedFor(way, preferences) };
      await runtime.api.put("/v1/settings/preferences", { body });
      // The session that asked for it has ended with all others.
      runtime.session.end();
      runtime.clear();
      toast(words.done);
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
        {way !== "local" && <Guard target={storedFor(way, preferences)} />}
        <Field label={words.typed(word)} error={missing ? t.form.required : null}>
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

function Guard({ target }: { target: Stored }) {
  const query = useQuery(preflightQuery(useRuntime(), target));
  return (
    <>
      <div className="flex flex-col gap-1.5">
        <p className="font-medium">{words.checks}</p>
        <QueryView query={query} name={access.checks.name}>
          {({ ready, checks }) => (
            <>
              <Checks checks={checks} />
              {!ready && (
                <p role="status" className="text-failed">
                  {words.notReady}
                </p>
              )}
            </>
          )}
        </QueryView>
      </div>
      <div className="flex flex-col gap-1.5">
        <p className="font-medium">{words.recovery}</p>
        <p className="text-ink-2">{words.recoveryText}</p>
        <CopyLine text={words.command} />
      </div>
    </>
  );
}
