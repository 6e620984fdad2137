/** The identity provider: issuer, client, secret. The secret must not be kept in the draft. */
import { type FormEvent, useRef } from "react";
import { AddressInput, Button, Choice, CopyLine, Field, Icon, Input } from "@/components/ui";
import { useDraft } from "@/lib/draft";
import { useFocusFirstError } from "@/lib/form";
import { redirectUri } from "@/lib/instances/oidc";
import { setup as words } from "@/messages/en/setup";
import { StepProblem } from "./step-card";
import type { Setup } from "./use-setup";

type Entered = { issuer: string; clientId: string; secret: string; clears: boolean };

const withoutSecret = ({ issuer, clientId, clears }: Entered) => ({ issuer, clientId, clears });

export function OidcStep({ setup }: { setup: Setup }) {
  const { run, session, summary, submission } = setup;
  const initial = {
    issuer: summary?.issuer_url ?? "",
    clientId: summary?.client_id ?? "",
    secret: "",
    clears: false,
  };
  const { value, change, discard } = useDraft<Entered>(session.draftKey("oidc"), initial, withoutSecret);
  const form = useRef<HTMLFormElement>(null);
  useFocusFirstError(form, submission.error);
  const { pending, error, errorOf } = submission;
  function submit(event: FormEvent) {
    event.preventDefault();
    const secret = value.clears
      ? { clear_client_secret: true }
      : value.secret
        ? { client_secret: value.secret }
        : {};
    run(async (api) => {
      const body = { issuer_url: value.issuer.trim(), client_id: value.clientId.trim(), ...secret };
      await api.post("/v1/setup/oidc/configure", { body });
      discard();
    });
  }
  const isUndiscovered = error?.code === "oidc_discovery_failed";
  return (
    <form ref={form} onSubmit={submit} className="flex flex-col gap-4" noValidate>
      <div className="flex flex-col gap-1">
        <p>{words.oidc.redirect}</p>
        {redirectUris(summary?.public_url).map((uri) => (
          <CopyLine key={uri} text={uri} />
        ))}
      </div>
      <StepProblem error={error} />
      <Field
        label={words.oidc.issuer}
        help={words.oidc.issuerHelp}
        error={isUndiscovered ? words.errors.oidc_discovery_failed?.cause : errorOf("issuer_url")}
      >
        <AddressInput value={value.issuer} onChange={(event) => change({ issuer: event.target.value })} />
      </Field>
      <Presets />
      <Field label={words.oidc.clientId} error={errorOf("client_id")}>
        <Input
          value={value.clientId}
          onChange={(event) => change({ clientId: event.target.value })}
          autoComplete="off"
          spellCheck={false}
          className="font-mono"
        />
      </Field>
      <Field
        label={words.oidc.secret}
        optional
        help={summary?.has_client_secret ? words.oidc.secretStored : words.oidc.secretHelp}
        error={errorOf("client_secret")}
      >
        <Input
          type="password"
          value={value.secret}
          onChange={(event) => change({ secret: event.target.value, clears: false })}
          autoComplete="off"
        />
      </Field>
      {summary?.has_client_secret && (
        <Choice
          kind="checkbox"
          label={words.oidc.clearSecret}
          checked={value.clears}
          onChange={(event) => change({ clears: event.target.checked, secret: "" })}
        />
      )}
      <Button type="submit" variant="primary" pending={pending} className="self-start">
        {pending ? words.oidc.asking : words.oidc.button}
      </Button>
    </form>
  );
}

/** People come back to where they left from: this page now, the instance's own address later. */
function redirectUris(publicUrl: string | null | undefined): string[] {
  return [...new Set([redirectUri(), ...(publicUrl ? [`${publicUrl}/auth/callback`] : [])])];
}

function Presets() {
  return (
    <details className="group rounded border border-line px-3 py-1">
      <summary className="tap gap-1.5">
        <Icon name="chevron" className="size-4 group-open:rotate-90" />
        {words.oidc.presets}
      </summary>
      <dl className="grid gap-x-4 gap-y-1 pt-1 pb-2 sm:grid-cols-[auto_1fr]">
        {words.oidc.providers.map(({ name, issuer }) => (
          <div key={name} className="contents">
            <dt className="text-ink-2">{name}</dt>
            <dd className="font-mono text-sm break-all">{issuer}</dd>
          </div>
        ))}
      </dl>
    </details>
  );
}
