/** Connecting GitLab: with a token at once, or with an OAuth application that the person authorises at GitLab. */
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type FormEvent, useRef, useState } from "react";
import type { GitLabStartRequest } from "@/api/types";
import { authorize, OwnPageBanner, useIsOwnPage } from "@/components/sources";
import {
  AddressInput,
  Button,
  CopyLine,
  Field,
  FormError,
  Input,
  RadioGroup,
  useToasts,
} from "@/components/ui";
import { useDraft } from "@/lib/draft";
import { useFocusFirstError, useSubmission } from "@/lib/form";
import { useRuntime } from "@/lib/instances/current";
import { t } from "@/messages";
import { connect as connectWords } from "@/messages/en/connect";

const words = connectWords.gitlab;
const SCOPES = "read_api read_repository";

type Way = keyof typeof words.ways;
type Value = { host: string; way: Way; clientId: string };
type Secrets = { token: string; clientSecret: string };
type Name = "host" | "token" | "clientId" | "clientSecret";

const EMPTY: Value = { host: "https://gitlab.com", way: "personal_token", clientId: "" };
const NO_SECRETS: Secrets = { token: "", clientSecret: "" };
const WAYS = (["personal_token", "oauth_app"] as const).map((value) => ({ value, ...words.ways[value] }));

export function GitLabForm() {
  const runtime = useRuntime();
  const { toastError } = useToasts();
  const isOwnPage = useIsOwnPage();
  const cache = useQueryClient();
  const navigate = useNavigate();
  const draft = useDraft<Value>(`${runtime.instance.id}.connect-gitlab`, EMPTY);
  const [secrets, setSecrets] = useState(NO_SECRETS);
  const submission = useSubmission();
  const form = useRef<HTMLFormElement>(null);
  const [missing, setMissing] = useState<Name | null>(null);
  const { host, way, clientId } = draft.value;
  // A token needs no way there and back.
  const startsHere = way === "personal_token" || isOwnPage;
  useFocusFirstError(form, submission.error ?? missing);

  async function connect() {
    const body = requestOf(draft.value, secrets);
    const { integration } = await runtime.api.post("/v1/integrations/gitlab/start", { body });
    draft.discard();
    void cache.invalidateQueries({ queryKey: runtime.key("sources") });
    const isToken = way === "personal_token";
    const page = {
      to: "/settings/integrations/$integrationId",
      params: { integrationId: integration.id },
      search: isToken ? { installed: true } : {},
    } as const;
    if (isToken) return navigate(page);
    try {
      await authorize(runtime, integration.id);
    } catch (cause) {
      // The application is stored by now: its page offers to authorise it once more.
      toastError(cause);
      await navigate(page);
    }
  }
  function submit(event: FormEvent) {
    event.preventDefault();
    if (!startsHere) return;
    const empty = firstEmpty(draft.value, secrets);
    setMissing(empty);
    if (!empty) void submission.run(connect);
  }
  const errorOf = (name: Name, field: string) =>
    missing === name ? t.form.required : submission.errorOf(field);
  return (
    <form ref={form} onSubmit={submit} className="card flex flex-col gap-4 p-4" noValidate>
      <Field label={words.host} help={words.hostHelp} error={errorOf("host", "host_url")}>
        <AddressInput
          required
          value={host}
          onChange={(event) => draft.change({ host: event.target.value })}
        />
      </Field>
      <RadioGroup
        label={words.how}
        options={WAYS}
        value={way}
        onValue={(next) => draft.change({ way: next })}
      />
      {way === "personal_token" ? (
        <SecretInput
          label={words.token}
          help={words.tokenHelp}
          error={errorOf("token", "access_token")}
          value={secrets.token}
          onValue={(token) => setSecrets({ ...secrets, token })}
        />
      ) : startsHere ? (
        <>
          <Registration instanceUrl={runtime.instance.url} />
          <Field label={words.clientId} error={errorOf("clientId", "client_id")}>
            <Input
              required
              autoComplete="off"
              spellCheck={false}
              value={clientId}
              onChange={(event) => draft.change({ clientId: event.target.value })}
            />
          </Field>
          <SecretInput
            label={words.clientSecret}
            help={words.secretNote}
            error={errorOf("clientSecret", "client_secret")}
            value={secrets.clientSecret}
            onValue={(clientSecret) => setSecrets({ ...secrets, clientSecret })}
          />
        </>
      ) : (
        <OwnPageBanner path="/settings/integrations/new?provider=gitlab" />
      )}
      <FormError error={submission.error} />
      {startsHere && (
        <div>
          <Button type="submit" variant="primary" icon="arrow" pending={submission.pending}>
            {way === "personal_token" ? words.submit : words.toGitlab}
          </Button>
        </div>
      )}
    </form>
  );
}

function requestOf({ host, way, clientId }: Value, { token, clientSecret }: Secrets): GitLabStartRequest {
  const place = { host_url: host.trim(), auth_mode: way };
  if (way === "personal_token") return { ...place, access_token: token.trim() };
  return { ...place, client_id: clientId.trim(), client_secret: clientSecret.trim() };
}

function firstEmpty({ host, way, clientId }: Value, { token, clientSecret }: Secrets): Name | null {
  const isEmpty = (text: string) => text.trim() === "";
  if (isEmpty(host)) return "host";
  if (way === "personal_token") return isEmpty(token) ? "token" : null;
  if (isEmpty(clientId)) return "clientId";
  return isEmpty(clientSecret) ? "clientSecret" : null;
}

/** What GitLab asks for when an application is registered. */
function Registration({ instanceUrl }: { instanceUrl: string }) {
  return (
    <div className="flex flex-col gap-2 rounded border border-line p-3">
      <h2 className="font-medium">{words.register}</h2>
      <p className="text-sm text-ink-2">{words.registerWhere}</p>
      <p className="text-sm text-ink-3">{words.redirect}</p>
      <CopyLine text={`${instanceUrl}/v1/integrations/gitlab/callback`} />
      <p className="text-sm text-ink-3">{words.scopes}</p>
      <CopyLine text={SCOPES} />
      <p className="text-sm text-ink-2">{words.confidential}</p>
    </div>
  );
}

type SecretProps = {
  label: string;
  help: string;
  error: string | null;
  value: string;
  onValue: (text: string) => void;
};

function SecretInput({ label, help, error, value, onValue }: SecretProps) {
  return (
    <Field label={label} help={help} error={error}>
      <Input
        type="password"
        required
        autoComplete="off"
        spellCheck={false}
        value={value}
        onChange={(event) => onValue(event.target.value)}
      />
    </Field>
  );
}
