/** The choice how people sign in, as cards that say what each means. */
import { type FormEvent, useId, useState } from "react";
import { Button } from "@/components/ui";
import { useDraft } from "@/lib/draft";
import { setup as words } from "@/messages/en/setup";
import type { Method } from "./progress";
import { StepProblem } from "./step-card";
import type { Setup } from "./use-setup";

const METHODS: Method[] = ["local", "oidc", "trusted_proxy"];

export function MethodStep({ setup }: { setup: Setup }) {
  const { method, run, session, submission } = setup;
  const draft = useDraft<{ method: Method | null }>(session.draftKey("method"), { method });
  const [isMissing, setMissing] = useState(false);
  function submit(event: FormEvent) {
    event.preventDefault();
    const chosen = draft.value.method;
    setMissing(chosen === null);
    if (!chosen) return;
    run(async (api) => {
      await api.post("/v1/setup/preferences", { body: preferences(chosen) });
      session.remember({ chosen });
      draft.discard();
    });
  }
  return (
    <form onSubmit={submit} className="flex flex-col gap-4" noValidate>
      <StepProblem error={submission.error} />
      <fieldset className="flex min-w-0 flex-col gap-2">
        <legend className="sr-only">{words.method.title}</legend>
        {METHODS.map((item) => (
          <MethodCard
            key={item}
            method={item}
            checked={draft.value.method === item}
            onChoose={() => draft.change({ method: item })}
          />
        ))}
      </fieldset>
      {isMissing && !draft.value.method && (
        <p role="alert" className="text-sm text-failed">
          {words.method.missing}
        </p>
      )}
      <Button type="submit" variant="primary" pending={submission.pending} className="self-start">
        {words.continue}
      </Button>
    </form>
  );
}

function preferences(method: Method) {
  return method === "local"
    ? ({ runtime_mode: "local" } as const)
    : ({ runtime_mode: "remote", remote_auth_mode: method } as const);
}

function MethodCard({
  method,
  checked,
  onChoose,
}: {
  method: Method;
  checked: boolean;
  onChoose: () => void;
}) {
  const id = useId();
  const { title, text } = words.method[method];
  return (
    <label className="card flex cursor-pointer items-start gap-3 p-4 has-checked:border-accent has-checked:bg-accent-tint">
      <input
        type="radio"
        name="method"
        checked={checked}
        onChange={onChoose}
        aria-labelledby={`${id}-title`}
        aria-describedby={`${id}-text`}
        className="size-6 shrink-0 accent-accent"
      />
      <span className="flex min-w-0 flex-col gap-0.5">
        <span id={`${id}-title`} className="font-medium">
          {title}
        </span>
        <span id={`${id}-text`} className="text-ink-2">
          {text}
        </span>
      </span>
    </label>
  );
}
