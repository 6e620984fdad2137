/** The access proxy that names people in a header: the header, where it may come from, the shared secret. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useRef, useState } from "react";
import type { ApiError } from "@/api/errors";
import type { TrustedProxySettings } from "@/api/types";
import {
  isChange,
  KEEP,
  linesOf,
  newText,
  SaveRow,
  type SecretChange,
  SecretField,
} from "@/components/forms";
import { Pinned } from "@/components/forms/pinned";
import {
  Banner,
  Fact,
  Facts,
  Field,
  FormError,
  Input,
  QueryView,
  Section,
  Textarea,
  useToasts,
} from "@/components/ui";
import { fieldErrors, useFocusFirstError, useSubmission } from "@/lib/form";
import { useRuntime } from "@/lib/instances/current";
import { accessForms as access } from "@/messages/en/access-forms";
import { secret as secretWords } from "@/messages/en/secret";
import { proxyQuery } from "./queries";
import type { Rights } from "./rights";

const words = access.proxy;

export function ProxySection({ rights }: { rights: Rights }) {
  const query = useQuery(proxyQuery(useRuntime()));
  return (
    <Section title={words.title}>
      <QueryView query={query} name={words.title}>
        {({ settings }) => (
          <div className="flex flex-col gap-3">
            {settings.warnings.map((warning) => (
              <Banner key={warning} tone="warning" title={warning} />
            ))}
            {rights === "change" ? (
              <Pinned current={settings} versionOf={({ updated_at }) => updated_at ?? 0}>
                {(settings, onSaved) => <Form settings={settings} onSaved={onSaved} />}
              </Pinned>
            ) : (
              <Shown settings={settings} />
            )}
          </div>
        )}
      </QueryView>
    </Section>
  );
}

function Shown({ settings }: { settings: TrustedProxySettings }) {
  return (
    <Facts>
      <Fact name={words.header}>
        <code className="font-mono text-sm break-all">{settings.user_email_header}</code>
      </Fact>
      <Fact name={words.cidrs}>{settings.trusted_proxy_cidrs.join(", ") || "–"}</Fact>
      <Fact name={words.secret}>{settings.has_shared_secret ? secretWords.stored : secretWords.none}</Fact>
    </Facts>
  );
}

/** The server names entries by their place in the list: "trusted_proxy_cidrs[2]". */
function cidrsError(error: ApiError | null): string | null {
  const about = fieldErrors(error, "trusted_proxy_cidrs");
  if (about.length === 0) return null;
  return about
    .map(({ field, message }) => {
      const place = /\[(\d+)\]/.exec(field)?.[1];
      return place === undefined ? message : words.badLine(Number(place) + 1, message);
    })
    .join(" ");
}

type FormProps = { settings: TrustedProxySettings; onSaved: (settings: TrustedProxySettings) => void };

function Form({ settings, onSaved }: FormProps) {
  const runtime = useRuntime();
  const { toast } = useToasts();
  const cache = useQueryClient();
  const submission = useSubmission();
  const form = useRef<HTMLFormElement>(null);
  const stored = {
    header: settings.user_email_header,
    cidrs: settings.trusted_proxy_cidrs.join("\n"),
  };
  const [value, setValue] = useState(stored);
  const [secret, setSecret] = useState<SecretChange>(KEEP);
  const dirty = JSON.stringify(value) !== JSON.stringify(stored) || isChange(secret);
  useFocusFirstError(form, submission.error);
  function save(event: FormEvent) {
    event.preventDefault();
    void submission.run(async () => {
      const answer = await runtime.api.put("/v1/settings/external-access/trusted-proxy", {
        body: {
          user_email_header: value.header.trim(),
          trusted_proxy_cidrs: linesOf(value.cidrs),
          shared_secret: secret.kind === "clear" ? "" : newText(secret),
        },
      });
      setSecret(KEEP);
      cache.setQueryData(proxyQuery(runtime).queryKey, answer);
      onSaved(answer.settings);
      toast(access.saved(words.title));
      await cache.invalidateQueries({ queryKey: runtime.key("access", "preflight") });
    });
  }
  function discard() {
    setValue(stored);
    setSecret(KEEP);
  }
  return (
    <form ref={form} onSubmit={save} className="card flex flex-col gap-4 p-4" noValidate>
      <Field label={words.header} help={words.headerHelp} error={submission.errorOf("user_email_header")}>
        <Input
          autoComplete="off"
          spellCheck={false}
          className="font-mono"
          value={value.header}
          onChange={(event) => setValue({ ...value, header: event.target.value })}
        />
      </Field>
      <Field label={words.cidrs} help={words.cidrsHelp} optional error={cidrsError(submission.error)}>
        <Textarea
          rows={3}
          spellCheck={false}
          className="font-mono"
          value={value.cidrs}
          onChange={(event) => setValue({ ...value, cidrs: event.target.value })}
        />
      </Field>
      <SecretField
        label={words.secret}
        help={words.secretHelp}
        stored={settings.has_shared_secret ? "yes" : "no"}
        change={secret}
        error={submission.errorOf("shared_secret")}
        onChange={setSecret}
      />
      <FormError error={submission.error} />
      <SaveRow label={words.save} dirty={dirty} pending={submission.pending} onDiscard={discard} />
    </form>
  );
}
