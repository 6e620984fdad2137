/** The choice how people sign in, as cards that say what each means; with others comes the address that they use. */
import { type FormEvent, useId, useRef, useState } from "react";
import { AddressInput, Button, Field } from "@/components/ui";
import { useDraft } from "@/lib/draft";
import { useFocusFirstError } from "@/lib/form";
import { useRuntime } from "@/lib/instances/current";
import { isLoopbackAddress } from "@/lib/loopback";
import { setup as words } from "@/messages/en/setup";
import type { Method } from "./progress";
import { StepProblem } from "./step-card";
import type { Setup } from "./use-setup";

type Entered = { method: Method | null; address: string };

const METHODS: Method[] = ["local", "oidc", "trusted_proxy"];

export function MethodStep({ setup }: { setup: Setup }) {
  const { method, run, session, submission, summary } = setup;
  const { instance } = useRuntime();
  const initial: Entered = { method, address: summary?.public_url ?? publicOrigin(instance.url) };
  const draft = useDraft<Entered>(session.draftKey("method"), initial);
  const form = useRef<HTMLFormElement>(null);
  useFocusFirstError(form, submission.error);
  const [isMissing, setMissing] = useState(false);
  function submit(event: FormEvent) {
    event.preventDefault();
    const chosen = draft.value.method;
    setMissing(chosen === null);
    if (!chosen) return;
    run(async (api) => {
      await api.post("/v1/setup/preferences", { body: preferences(chosen, draft.value.address.trim()) });
      session.remember({ chosen });
      draft.discard();
    });
  }
  return (
    <form ref={form} onSubmit={submit} className="flex flex-col gap-4" noValidate>
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
      {draft.value.method && draft.value.method !== "local" && (
        <Field
          label={words.method.address}
          optional
          help={words.method.addressHelp}
          error={submission.errorOf("public_url")}
        >
          <AddressInput
            value={draft.value.address}
            onChange={(event) => draft.change({ address: event.target.value })}
          />
        </Field>
      )}
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

function preferences(method: Method, address: string) {
  if (method === "local") return { runtime_mode: "local" } as const;
  return {
    runtime_mode: "remote",
    remote_auth_mode: method,
    ...(address && { public_url: address }),
  } as const;
}

/** Where the instance is reached now, if that is an address for others too. */
function publicOrigin(url: string): string {
  try {
    const { protocol, origin } = new URL(url);
    return protocol === "https:" && !isLoopbackAddress(url) ? origin : "";
  } catch {
    return "";
  }
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
