/** A channel: where it goes, and what it tells of. Addresses and secrets go in and are never shown. It must not send by itself. */
import { type FormEvent, type ReactNode, useRef, useState } from "react";
import type { NotificationChannel, NotificationChannelType } from "@/api/types";
import { isChange, KEEP, SaveRow, type SecretChange, SecretField } from "@/components/forms";
import { Choice, Field, FormError, Input, Section, Select, Textarea } from "@/components/ui";
import { type Submission, useFocusFirstError } from "@/lib/form";
import { t } from "@/messages";
import { notifications } from "@/messages/en/notifications";
import { RuleFields } from "./rule-fields";
import { firstMissing, formOf, type Missing, type Secrets, type Value, withTls } from "./value";

const words = notifications.form;
const NO_SECRETS: Secrets = { url: KEEP, secret: KEEP, password: KEEP };
const TYPED: SecretChange = { kind: "set", text: "" };

type Props = {
  type: NotificationChannelType;
  /** Without one it is made. */
  channel?: NotificationChannel;
  submission: Submission;
  label: string;
  onSave: (value: Value, secrets: Secrets) => void;
  /** What stands above the fields. */
  children?: ReactNode;
};

export function ChannelForm({ type, channel, submission, label, onSave, children }: Props) {
  const form = useRef<HTMLFormElement>(null);
  const stored = formOf(channel);
  const noSecrets: Secrets = channel ? NO_SECRETS : { ...NO_SECRETS, url: TYPED };
  const [value, setValue] = useState(stored);
  const [secrets, setSecrets] = useState(noSecrets);
  const [missing, setMissing] = useState<Missing | null>(null);
  const typed = Object.values(secrets).some(isChange);
  const dirty = typed || JSON.stringify(value) !== JSON.stringify(stored);
  const set = (patch: Partial<Value>) => setValue({ ...value, ...patch });
  useFocusFirstError(form, submission.error ?? missing);
  const errorOf = (name: Missing, field: string) =>
    missing === name ? t.form.required : submission.errorOf(field);
  function submit(event: FormEvent) {
    event.preventDefault();
    const hasUrl = isChange(secrets.url) || (channel?.has_url ?? false);
    const empty = firstMissing(type, value, hasUrl);
    setMissing(empty);
    if (!empty) onSave(value, secrets);
  }
  function discard() {
    setValue(stored);
    setSecrets(noSecrets);
    setMissing(null);
    submission.reset();
  }
  return (
    <form ref={form} onSubmit={submit} className="flex flex-col gap-8" noValidate>
      <div className="card flex flex-col gap-4 p-4">
        {children}
        <Field label={words.name} help={words.nameHelp} error={errorOf("name", "name")}>
          <Input
            required
            maxLength={200}
            value={value.name}
            onChange={(event) => set({ name: event.target.value })}
          />
        </Field>
        <Choice
          kind="switch"
          label={words.enabled}
          checked={value.enabled}
          onChange={({ target }) => set({ enabled: target.checked })}
        />
      </div>
      <Section title={words.where}>
        <div className="card flex flex-col gap-4 p-4">
          {type === "email" ? (
            <Mail
              value={value}
              hasPassword={channel?.has_smtp_password ?? false}
              password={secrets.password}
              errorOf={errorOf}
              passwordError={submission.errorOf("smtp_config.password")}
              onValue={setValue}
              onPassword={(password) => setSecrets({ ...secrets, password })}
            />
          ) : (
            <Address
              type={type}
              channel={channel}
              secrets={secrets}
              error={errorOf("url", "url")}
              secretError={submission.errorOf("secret")}
              onSecrets={setSecrets}
            />
          )}
        </div>
      </Section>
      <Section title={words.what}>
        <div className="card flex flex-col gap-4 p-4">
          <RuleFields value={value} errorOf={submission.errorOf} onValue={set} />
        </div>
      </Section>
      <FormError error={submission.error} />
      <SaveRow label={label} dirty={dirty} pending={submission.pending} onDiscard={discard} />
    </form>
  );
}

type AddressProps = {
  type: Exclude<NotificationChannelType, "email">;
  channel?: NotificationChannel;
  secrets: Secrets;
  error: string | null;
  secretError: string | null;
  onSecrets: (secrets: Secrets) => void;
};

/** An address of a chat is a secret too: who knows it can write there. */
function Address({ type, channel, secrets, error, secretError, onSecrets }: AddressProps) {
  const { url } = secrets;
  const target = channel?.target;
  return (
    <>
      {url.kind === "set" ? (
        <Field label={words.url} help={words.urlHelp[type]} error={error}>
          <Input
            type="url"
            inputMode="url"
            required
            spellCheck={false}
            autoComplete="off"
            value={url.text}
            onChange={(event) => onSecrets({ ...secrets, url: { kind: "set", text: event.target.value } })}
          />
        </Field>
      ) : (
        <SecretField
          label={words.url}
          help={target ? words.urlStored(target) : words.urlHelp[type]}
          stored={channel?.has_url ? "must" : "no"}
          change={url}
          error={error}
          onChange={(change) => onSecrets({ ...secrets, url: change })}
        />
      )}
      {type === "webhook" && (
        <SecretField
          label={words.secret}
          help={words.secretHelp}
          stored={channel?.has_secret ? "yes" : "no"}
          change={secrets.secret}
          error={secretError}
          onChange={(secret) => onSecrets({ ...secrets, secret })}
        />
      )}
    </>
  );
}

type MailProps = {
  value: Value;
  hasPassword: boolean;
  password: SecretChange;
  errorOf: (name: Missing, field: string) => string | null;
  passwordError: string | null;
  onValue: (value: Value) => void;
  onPassword: (change: SecretChange) => void;
};

function Mail({ value, hasPassword, password, errorOf, passwordError, onValue, onPassword }: MailProps) {
  const set = (patch: Partial<Value>) => onValue({ ...value, ...patch });
  return (
    <>
      <div className="grid gap-4 sm:grid-cols-[1fr_8rem]">
        <Field label={words.host} error={errorOf("host", "smtp_config.host")}>
          <Input
            required
            spellCheck={false}
            autoComplete="off"
            value={value.host}
            onChange={(event) => set({ host: event.target.value })}
          />
        </Field>
        <Field label={words.port} error={errorOf("port", "smtp_config.port")}>
          <Input
            required
            inputMode="numeric"
            autoComplete="off"
            value={value.port}
            onChange={(event) => set({ port: event.target.value })}
          />
        </Field>
      </div>
      <Field label={words.tls}>
        <Select
          className="max-w-60"
          value={value.tls}
          onChange={({ target }) => onValue(withTls(value, target.value as Value["tls"]))}
        >
          <option value="tls">{words.tlsModes.tls}</option>
          <option value="start_tls">{words.tlsModes.start_tls}</option>
          <option value="none">{words.tlsModes.none}</option>
        </Select>
      </Field>
      <Field label={words.username} help={words.usernameHelp} optional>
        <Input
          spellCheck={false}
          autoComplete="off"
          value={value.username}
          onChange={(event) => set({ username: event.target.value })}
        />
      </Field>
      <SecretField
        label={words.password}
        stored={hasPassword ? "yes" : "no"}
        change={password}
        error={passwordError}
        onChange={onPassword}
      />
      <Field label={words.from} error={errorOf("from", "smtp_config.from_address")}>
        <Input
          type="email"
          required
          spellCheck={false}
          autoComplete="off"
          value={value.from}
          onChange={(event) => set({ from: event.target.value })}
        />
      </Field>
      <Field
        label={words.recipients}
        help={words.recipientsHelp}
        error={errorOf("recipients", "smtp_config.recipients")}
      >
        <Textarea
          rows={3}
          required
          spellCheck={false}
          value={value.recipients}
          onChange={(event) => set({ recipients: event.target.value })}
        />
      </Field>
    </>
  );
}
