/** Adds an instance by its address, after asking the address who it is. */
import { type FormEvent, useRef, useState } from "react";
import { Button, Field, FormError, Input } from "@/components/ui";
import { useFocusFirstError, useSubmission } from "@/lib/form";
import { add, type Outcome, tryToAdd } from "@/lib/instances/adding";
import { instances as words } from "@/messages/en/instances";
import { OutcomeView } from "./outcome";
import { LONGEST_LABEL } from "./rename-dialog";

const EMPTY = { address: "", label: "" };

export function AddForm() {
  const [wish, setWish] = useState(EMPTY);
  const submission = useSubmission();
  const [outcome, setOutcome] = useState<Outcome | null>(null);
  const form = useRef<HTMLFormElement>(null);
  const problem = outcome?.kind === "problem" ? words.problems[outcome.problem] : null;
  useFocusFirstError(form, problem);
  function take(next: Outcome) {
    setOutcome(next);
    if (next.kind === "added") setWish(EMPTY);
  }
  function submit(event: FormEvent) {
    event.preventDefault();
    setOutcome(null);
    void submission.run(async () => take(await tryToAdd(wish)));
  }
  return (
    <form ref={form} onSubmit={submit} className="card flex flex-col gap-4 p-4" noValidate>
      <div className="grid gap-4 sm:grid-cols-[2fr_1fr]">
        <Field label={words.add.address} help={words.add.addressHelp} error={problem}>
          <Input
            type="url"
            inputMode="url"
            autoComplete="off"
            spellCheck={false}
            value={wish.address}
            onChange={(event) => setWish({ ...wish, address: event.target.value })}
          />
        </Field>
        <Field label={words.add.label} help={words.add.labelHelp} optional>
          <Input
            autoComplete="off"
            maxLength={LONGEST_LABEL}
            value={wish.label}
            onChange={(event) => setWish({ ...wish, label: event.target.value })}
          />
        </Field>
      </div>
      {outcome && (
        <OutcomeView outcome={outcome} onAddAnyway={(url) => take(add({ url, label: wish.label }))} />
      )}
      <FormError error={submission.error} />
      <div className="flex flex-wrap items-center gap-3">
        <Button type="submit" variant="primary" icon="add" pending={submission.pending}>
          {words.add.submit}
        </Button>
        {submission.pending && (
          <p role="status" className="text-ink-2">
            {words.add.checking}
          </p>
        )}
      </div>
    </form>
  );
}
