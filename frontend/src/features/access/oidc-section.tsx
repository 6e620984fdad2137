/** The identity provider: what is stored, a live test, the addresses to register there. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useRef, useState } from "react";
import { type ApiError, toApiError } from "@/api/errors";
import type { OidcSettings, OidcTest } from "@/api/types";
import { isChange, KEEP, newText, SaveRow, type SecretChange, SecretField } from "@/components/forms";
import { Pinned } from "@/components/forms/pinned";
import {
  AddressInput,
  Banner,
  Button,
  CopyLine,
  Fact,
  Facts,
  Field,
  FormError,
  Input,
  QueryView,
  Section,
  TimeAgo,
  useToasts,
} from "@/components/ui";
import { useFocusFirstError, useSubmission } from "@/lib/form";
import { useRuntime } from "@/lib/instances/current";
import { networkQuery } from "@/lib/preferences";
import { t } from "@/messages";
import { accessForms as access } from "@/messages/en/access-forms";
import { secret as secretWords } from "@/messages/en/secret";
import { redirectAddresses } from "./origins";
import { oidcQuery } from "./queries";
import type { Rights } from "./rights";

const words = access.oidc;

export function OidcSection({ rights }: { rights: Rights }) {
  const query = useQuery(oidcQuery(useRuntime()));
  return (
    <Section title={words.title}>
      <QueryView query={query} name={words.title}>
        {(settings) => (
          <div className="flex flex-col gap-3">
            {rights === "change" ? (
              <Pinned current={settings} versionOf={(settings) => settings?.configured_at ?? 0}>
                {(settings, onSaved) => <Form settings={settings} onSaved={onSaved} />}
              </Pinned>
            ) : (
              <Shown settings={settings} />
            )}
            <Redirects />
          </div>
        )}
      </QueryView>
    </Section>
  );
}

function Shown({ settings }: { settings: OidcSettings | null }) {
  if (!settings) return <p className="text-ink-2">{words.none}</p>;
  return (
    <Facts>
      <Fact name={words.issuer}>{settings.issuer_url}</Fact>
      <Fact name={words.clientId}>{settings.client_id}</Fact>
      <Fact name={words.secret}>{settings.has_client_secret ? secretWords.stored : secretWords.none}</Fact>
      <Fact name={words.configured}>
        <TimeAgo at={settings.configured_at} />
      </Fact>
    </Facts>
  );
}

/** What the provider must know: the instance's own address and every allowed origin. */
function Redirects() {
  const runtime = useRuntime();
  const { data } = useQuery(networkQuery(runtime));
  if (!data) return null;
  const { public_url, allowed_origins } = data.settings;
  return (
    <div className="flex flex-col gap-1.5">
      <h3 className="font-medium">{words.redirects}</h3>
      <p className="text-sm text-ink-2">{words.redirectsText}</p>
      {redirectAddresses(public_url ?? runtime.instance.url, allowed_origins).map((address) => (
        <CopyLine key={address} text={address} />
      ))}
    </div>
  );
}

type FormProps = { settings: OidcSettings | null; onSaved: (settings: OidcSettings | null) => void };

function Form({ settings, onSaved }: FormProps) {
  const runtime = useRuntime();
  const { toast } = useToasts();
  const cache = useQueryClient();
  const submission = useSubmission();
  const form = useRef<HTMLFormElement>(null);
  const stored = { issuer: settings?.issuer_url ?? "", clientId: settings?.client_id ?? "" };
  const [value, setValue] = useState(stored);
  const [secret, setSecret] = useState<SecretChange>(KEEP);
  const [missing, setMissing] = useState<"issuer" | "clientId" | null>(null);
  const dirty = JSON.stringify(value) !== JSON.stringify(stored) || isChange(secret);
  const refusal = submission.error;
  const needsSecret = refusal?.code === "oidc_secret_reentry_required";
  useFocusFirstError(form, refusal ?? missing);
  function save(event: FormEvent) {
    event.preventDefault();
    const empty = value.issuer.trim() === "" ? "issuer" : value.clientId.trim() === "" ? "clientId" : null;
    setMissing(empty);
    if (empty) return;
    void submission.run(async () => {
      await runtime.api.put("/v1/settings/external-access/oidc", {
        body: {
          issuer_url: value.issuer.trim(),
          client_id: value.clientId.trim(),
          client_secret: newText(secret),
          clear_client_secret: secret.kind === "clear",
        },
      });
      toast(access.saved(words.title));
      void cache.invalidateQueries({ queryKey: runtime.key("access", "preflight") });
      const { queryKey } = oidcQuery(runtime);
      await cache.invalidateQueries({ queryKey });
      onSaved(cache.getQueryData(queryKey) ?? null);
    });
  }
  function discard() {
    setValue(stored);
    setSecret(KEEP);
  }
  return (
    <form ref={form} onSubmit={save} className="card flex flex-col gap-4 p-4" noValidate>
      {!settings && <p className="text-ink-2">{words.none}</p>}
      <Field
        label={words.issuer}
        help={words.issuerHelp}
        error={missing === "issuer" ? t.form.required : submission.errorOf("issuer_url")}
      >
        <AddressInput
          required
          value={value.issuer}
          onChange={(event) => setValue({ ...value, issuer: event.target.value })}
        />
      </Field>
      <Field
        label={words.clientId}
        error={missing === "clientId" ? t.form.required : submission.errorOf("client_id")}
      >
        <Input
          autoComplete="off"
          spellCheck={false}
          required
          value={value.clientId}
          onChange={(event) => setValue({ ...value, clientId: event.target.value })}
        />
      </Field>
      <SecretField
        label={words.secret}
        stored={settings?.has_client_secret ? "yes" : "no"}
        change={secret}
        error={needsSecret ? refusal.message : submission.errorOf("client_secret")}
        onChange={setSecret}
      />
      <p className="text-sm text-ink-3">{words.note}</p>
      <FormError error={needsSecret ? null : refusal} />
      <SaveRow label={words.save} dirty={dirty} pending={submission.pending} onDiscard={discard} />
      <Test issuer={value.issuer.trim()} />
    </form>
  );
}

type Outcome = { kind: "idle" } | { kind: "ok"; found: OidcTest } | { kind: "failed"; error: ApiError };

/** Asks the provider at the typed address; a result stands only for the address that it was asked for. */
function Test({ issuer }: { issuer: string }) {
  const runtime = useRuntime();
  const [pending, setPending] = useState(false);
  const [tested, setTested] = useState("");
  const [outcome, setOutcome] = useState<Outcome>({ kind: "idle" });
  async function test() {
    setPending(true);
    setTested(issuer);
    try {
      const body = { issuer_url: issuer };
      const found = await runtime.api.post("/v1/settings/external-access/oidc/test-connection", { body });
      setOutcome({ kind: "ok", found });
    } catch (cause) {
      setOutcome({ kind: "failed", error: toApiError(cause) });
    }
    setPending(false);
  }
  return (
    <div className="flex flex-col items-start gap-2 border-t border-line pt-4">
      <Button
        icon="play"
        pending={pending}
        disabledReason={issuer === "" ? words.issuerHelp : null}
        onClick={() => void test()}
      >
        {words.test}
      </Button>
      <div aria-live="polite" className="w-full">
        {tested === issuer && !pending && <Result outcome={outcome} />}
      </div>
    </div>
  );
}

function Result({ outcome }: { outcome: Outcome }) {
  if (outcome.kind === "idle") return null;
  if (outcome.kind === "failed") {
    const { error } = outcome;
    return (
      <Banner tone="bad" title={words.testFailed}>
        <p>{error.status === 0 ? t.state.unreachable : error.message}</p>
        {error.hint && <p>{error.hint}</p>}
        {error.requestId && (
          <p className="text-sm">
            {t.state.requestId} <code className="font-mono">{error.requestId}</code>
          </p>
        )}
      </Banner>
    );
  }
  const { found } = outcome;
  return (
    <>
      <Found found={found} />
      {found.warnings.map((warning) => (
        <Banner key={warning} tone="warning" title={warning} />
      ))}
    </>
  );
}

function Found({ found }: { found: OidcTest }) {
  return (
    <Facts>
      <Fact name={access.oidc.inOrder}>{words.testOk(found.discovered_issuer)}</Fact>
      <Fact name={words.authorization}>
        <span className="break-all">{found.authorization_endpoint}</span>
      </Fact>
      <Fact name={words.token}>
        <span className="break-all">{found.token_endpoint}</span>
      </Fact>
      <Fact name={words.keys}>
        <span className="break-all">{found.jwks_uri}</span>
      </Fact>
      <Fact name={words.scopes}>{found.scopes_supported.join(" ") || "–"}</Fact>
    </Facts>
  );
}
