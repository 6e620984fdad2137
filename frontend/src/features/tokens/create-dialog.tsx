/** Making an API token: name, role, end; then its secret, this once. The secret must not leave this dialog's state. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useId, useRef, useState } from "react";
import type { NewApiToken, UserRole } from "@/api/types";
import { RoleField } from "@/components/settings";
import { Button, CopyLine, Dialog, DialogActions, Field, FormError, Input, Select } from "@/components/ui";
import { useFocusFirstError, useSubmission } from "@/lib/form";
import { useRuntime } from "@/lib/instances/current";
import { bootstrapQuery } from "@/lib/queries";
import { t } from "@/messages";
import { tokens } from "@/messages/en/tokens";
import { EXPIRIES, type Expiry, expiresAt } from "./expiry";
import { rolesUpTo } from "./roles";

const words = tokens.create;

export function CreateDialog({ onClose }: { onClose: () => void }) {
  const { data } = useQuery(bootstrapQuery(useRuntime()));
  const [made, setMade] = useState<NewApiToken | null>(null);
  if (made) return <Made token={made} onClose={onClose} />;
  return data ? <Ask own={data.user.role} onMade={setMade} onClose={onClose} /> : null;
}

type AskProps = { own: UserRole; onMade: (token: NewApiToken) => void; onClose: () => void };

function Ask({ own, onMade, onClose }: AskProps) {
  const runtime = useRuntime();
  const cache = useQueryClient();
  const submission = useSubmission();
  const formId = useId();
  const form = useRef<HTMLFormElement>(null);
  const choices = rolesUpTo(own);
  const [name, setName] = useState("");
  const [role, setRole] = useState<UserRole>(choices.includes("developer") ? "developer" : own);
  const [expiry, setExpiry] = useState<Expiry>("90");
  const [date, setDate] = useState("");
  const [wrong, setWrong] = useState<"name" | "date" | null>(null);
  const refusal = submission.error;
  useFocusFirstError(form, refusal ?? wrong);
  function submit(event: FormEvent) {
    event.preventDefault();
    const end = expiresAt(expiry, date, Date.now());
    const problem = name.trim() === "" ? "name" : end.ok ? null : "date";
    setWrong(problem);
    if (problem || !end.ok) return;
    void submission.run(async () => {
      const body = { name: name.trim(), role, expires_at: end.at };
      const token = await runtime.api.post("/v1/api-tokens", { body });
      void cache.invalidateQueries({ queryKey: runtime.key("tokens") });
      onMade(token);
    });
  }
  const aboutName = refusal?.code === "invalid_name" ? refusal.message : submission.errorOf("name");
  const footer = (
    <DialogActions form={formId} label={words.submit} pending={submission.pending} onCancel={onClose} />
  );
  return (
    <Dialog title={words.title} onClose={onClose} footer={footer}>
      <form id={formId} ref={form} onSubmit={submit} className="flex flex-col gap-3" noValidate>
        <Field
          label={words.name}
          help={words.nameHelp}
          error={wrong === "name" ? t.form.required : aboutName}
        >
          <Input value={name} maxLength={200} onChange={(event) => setName(event.target.value)} required />
        </Field>
        <RoleField
          label={words.role}
          question={words.can}
          help={words.roleHelp}
          choices={choices}
          value={role}
          onValue={setRole}
        />
        <Field label={words.expires} help={expiry === "never" ? words.neverHelp : undefined}>
          <Select
            value={expiry}
            onChange={(event) => setExpiry(EXPIRIES.find((known) => known === event.target.value) ?? "90")}
          >
            {EXPIRIES.map((choice) => (
              <option key={choice} value={choice}>
                {EXPIRY_WORDS[choice]}
              </option>
            ))}
          </Select>
        </Field>
        {expiry === "date" && (
          <Field label={words.on} error={wrong === "date" ? words.onMissing : null}>
            <Input type="date" value={date} onChange={(event) => setDate(event.target.value)} required />
          </Field>
        )}
        <FormError error={aboutName ? null : refusal} />
      </form>
    </Dialog>
  );
}

const EXPIRY_WORDS: Record<Expiry, string> = {
  "30": words.days(30),
  "90": words.days(90),
  "365": words.year,
  date: words.date,
  never: words.never,
};

/** It can only be answered: a click beside it must not lose the secret. */
function Made({ token, onClose }: { token: NewApiToken; onClose: () => void }) {
  const origin = useRuntime().instance.url;
  const footer = (
    <Button variant="primary" onClick={onClose}>
      {words.stored}
    </Button>
  );
  return (
    <Dialog title={words.done(token.name)} footer={footer}>
      <div className="flex flex-col gap-3">
        <p role="status">{words.once}</p>
        <CopyLine text={token.token} />
        <p className="font-medium">{words.example}</p>
        <CopyLine text={`curl -H "Authorization: Bearer $TOKEN" ${origin}/v1/users/me`} />
      </div>
    </Dialog>
  );
}
