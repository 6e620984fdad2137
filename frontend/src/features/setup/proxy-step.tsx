/** The access proxy: who it is and how it names people. The shared secret must not be kept in the draft. */
import { type FormEvent, useRef, useState } from "react";
import { Button, CopyLine, Field, Input, Textarea } from "@/components/ui";
import { useDraft } from "@/lib/draft";
import { useFocusFirstError } from "@/lib/form";
import { base64url } from "@/lib/instances/oidc";
import { setup as words } from "@/messages/en/setup";
import { StepProblem } from "./step-card";
import type { Setup } from "./use-setup";

type Entered = { header: string; cidrs: string; owner: string; secret: string };

const EMPTY: Entered = { header: "X-Warpgate-Username", cidrs: "", owner: "", secret: "" };

const withoutSecret = ({ header, cidrs, owner }: Entered) => ({ header, cidrs, owner });

export function ProxyStep({ setup }: { setup: Setup }) {
  const { run, session, submission } = setup;
  const { value, change } = useDraft<Entered>(session.draftKey("proxy"), EMPTY, withoutSecret);
  const [isUnusable, setUnusable] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  useFocusFirstError(form, submission.error);
  const { errorOf } = submission;
  function submit(event: FormEvent) {
    event.preventDefault();
    const ranges = value.cidrs.split(/[\s,]+/).filter(Boolean);
    const isStored = setup.reached !== "configure";
    setUnusable(ranges.length === 0 && value.secret === "" && !isStored);
    if (ranges.length === 0 && value.secret === "" && !isStored) return;
    run(async (api) => {
      const body = {
        user_email_header: value.header.trim(),
        trusted_proxy_cidrs: ranges,
        ...(value.secret && { shared_secret: value.secret }),
        ...(value.owner.trim() && { setup_owner_email: value.owner.trim() }),
      };
      await api.post("/v1/setup/trusted-proxy/configure", { body });
    });
  }
  return (
    <form ref={form} onSubmit={submit} className="flex flex-col gap-4" noValidate>
      <StepProblem error={submission.error} />
      <Field label={words.proxy.header} help={words.proxy.headerHelp} error={errorOf("user_email_header")}>
        <Input
          value={value.header}
          onChange={(event) => change({ header: event.target.value })}
          autoComplete="off"
          spellCheck={false}
          className="font-mono"
        />
      </Field>
      <Field
        label={words.proxy.cidrs}
        optional
        help={words.proxy.cidrsHelp}
        error={isUnusable ? words.proxy.needed : errorOf("trusted_proxy_cidrs")}
      >
        <Textarea
          rows={3}
          value={value.cidrs}
          onChange={(event) => change({ cidrs: event.target.value })}
          spellCheck={false}
          className="font-mono"
        />
      </Field>
      <SecretField
        value={value.secret}
        onChange={(secret) => change({ secret })}
        error={errorOf("shared_secret")}
      />
      <Field
        label={words.proxy.owner}
        optional
        help={words.proxy.ownerHelp}
        error={errorOf("setup_owner_email") ?? errorOf("email")}
      >
        <Input
          type="email"
          value={value.owner}
          onChange={(event) => change({ owner: event.target.value })}
          autoComplete="email"
        />
      </Field>
      <Button type="submit" variant="primary" pending={submission.pending} className="self-start">
        {words.proxy.button}
      </Button>
    </form>
  );
}

type SecretProps = { value: string; onChange: (secret: string) => void; error: string | null };

/** A generated secret is shown until it is saved, because the proxy needs it too. */
function SecretField({ value, onChange, error }: SecretProps) {
  const [generated, setGenerated] = useState("");
  function generate() {
    const secret = base64url(crypto.getRandomValues(new Uint8Array(32)));
    setGenerated(secret);
    onChange(secret);
  }
  return (
    <div className="flex flex-col gap-2">
      <div className="flex items-end gap-2">
        <Field
          label={words.proxy.secret}
          optional
          help={words.proxy.secretHelp}
          error={error}
          className="min-w-0 grow"
        >
          <div className="flex gap-2">
            <Input
              type="password"
              value={value}
              onChange={(event) => onChange(event.target.value)}
              autoComplete="off"
            />
            <Button onClick={generate}>{words.proxy.generate}</Button>
          </div>
        </Field>
      </div>
      {generated !== "" && generated === value && (
        <div role="status" className="flex flex-col gap-1">
          <p>{words.proxy.generated}</p>
          <CopyLine text={generated} />
        </div>
      )}
    </div>
  );
}
