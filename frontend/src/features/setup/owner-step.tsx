/** Who becomes the owner: named by e-mail on a local instance, else proved by the provider or the proxy. */
import { type FormEvent, useRef } from "react";
import { AddressInput, Button, CopyLine, Field, Input } from "@/components/ui";
import { useDraft } from "@/lib/draft";
import { useFocusFirstError } from "@/lib/form";
import { useRuntime } from "@/lib/instances/current";
import { leave, redirectUri } from "@/lib/instances/oidc";
import { setup as words } from "@/messages/en/setup";
import { StepProblem } from "./step-card";
import type { Setup } from "./use-setup";

export function OwnerStep({ setup }: { setup: Setup }) {
  if (setup.method === "local") return <LocalOwner setup={setup} />;
  return setup.method === "oidc" ? <ProviderOwner setup={setup} /> : <ProxyOwner setup={setup} />;
}

function LocalOwner({ setup: { run, session, submission } }: { setup: Setup }) {
  const { value, change } = useDraft(session.draftKey("owner"), { email: "" });
  const form = useRef<HTMLFormElement>(null);
  useFocusFirstError(form, submission.error);
  function submit(event: FormEvent) {
    event.preventDefault();
    run(async (api) => {
      await api.post("/v1/setup/local-owner/create", { body: { email: value.email.trim() } });
    });
  }
  return (
    <form ref={form} onSubmit={submit} className="flex flex-col gap-4" noValidate>
      <p className="text-ink-2">{words.owner.local}</p>
      <StepProblem error={submission.error} />
      <Field label={words.owner.email} error={submission.errorOf("email")}>
        <Input
          type="email"
          value={value.email}
          onChange={(event) => change({ email: event.target.value })}
          autoComplete="email"
        />
      </Field>
      <Button type="submit" variant="primary" pending={submission.pending} className="self-start">
        {words.owner.button}
      </Button>
    </form>
  );
}

function ProviderOwner({ setup: { run, summary, submission } }: { setup: Setup }) {
  const runtime = useRuntime();
  function signIn() {
    run((api) =>
      leave(runtime, { purpose: "setup", next: "/start" }, (body) =>
        api.post("/v1/setup/owner/start-oidc", { body }),
      ),
    );
  }
  return (
    <div className="flex flex-col items-start gap-4">
      {summary?.issuer_url && <p className="text-ink-2">{words.oidc.found(summary.issuer_url)}</p>}
      <p>{words.owner.oidc}</p>
      <div className="flex max-w-full flex-col gap-1">
        <p className="text-ink-2">{words.owner.redirect}</p>
        <CopyLine text={redirectUri()} />
      </div>
      <StepProblem error={submission.error} />
      <Button variant="primary" icon="external" pending={submission.pending} onClick={signIn}>
        {submission.pending ? words.owner.leaving : words.owner.oidcButton}
      </Button>
    </div>
  );
}

function ProxyOwner({ setup: { run, session, submission, summary } }: { setup: Setup }) {
  const { value, change } = useDraft(session.draftKey("address"), { address: summary?.public_url ?? "" });
  const link = startLink(value.address);
  function claim() {
    run(async (api) => {
      await api.post("/v1/setup/owner/claim-trusted-proxy");
    });
  }
  return (
    <div className="flex flex-col gap-4">
      <p>{words.owner.proxy}</p>
      <Field label={words.owner.proxyAddress} optional help={words.owner.proxyAddressHelp}>
        <AddressInput value={value.address} onChange={(event) => change({ address: event.target.value })} />
      </Field>
      {link && (
        <div role="status" className="flex flex-col gap-1">
          <p>{words.owner.proxyLink}</p>
          <CopyLine text={link} />
          <CopyLine text={words.unlock.command} />
        </div>
      )}
      <StepProblem error={submission.error} />
      <Button variant="primary" pending={submission.pending} onClick={claim} className="self-start">
        {words.owner.proxyButton}
      </Button>
    </div>
  );
}

/** People may leave the scheme out; what is no web address gives no link. */
function startLink(address: string): string | null {
  const text = address.trim();
  if (!text) return null;
  try {
    const { protocol, origin } = new URL(text.includes("://") ? text : `https://${text}`);
    return protocol === "https:" || protocol === "http:" ? `${origin}/start` : null;
  } catch {
    return null;
  }
}
