/** Opens the set-up with the one-time token, typed or brought by the address. The token must not be kept anywhere. */
import { type FormEvent, useEffect, useState } from "react";
import { Button, CopyLine, Field, Input } from "@/components/ui";
import { arrival, take } from "@/lib/arrival";
import { useStore } from "@/lib/store";
import { t } from "@/messages";
import { setup as words } from "@/messages/en/setup";
import { StepProblem } from "./step-card";
import type { Setup } from "./use-setup";

export function UnlockStep({ setup }: { setup: Setup }) {
  const { run, session, submission } = setup;
  const [token, setToken] = useState("");
  const [isMissing, setMissing] = useState(false);
  const brought = useStore(arrival).setupToken;
  useEffect(() => {
    const given = brought && take("setupToken");
    if (given) unlock(given);
  });
  function unlock(given: string) {
    run(async (api) => {
      const opened = await api.post("/v1/setup/bootstrap-token/verify", { body: { token: given } });
      session.open(opened.session_token);
    });
  }
  function submit(event: FormEvent) {
    event.preventDefault();
    setMissing(token.trim() === "");
    if (token.trim() !== "") unlock(token.trim());
  }
  return (
    <form onSubmit={submit} className="flex flex-col gap-4" noValidate>
      <p className="text-ink-2">{words.unlock.text}</p>
      <CopyLine text={words.unlock.command} />
      <StepProblem error={submission.error} />
      <Field
        label={words.unlock.token}
        help={words.unlock.tokenHelp}
        error={isMissing ? t.form.required : submission.errorOf("token")}
      >
        <Input
          value={token}
          onChange={(event) => setToken(event.target.value)}
          autoComplete="one-time-code"
          autoCapitalize="none"
          spellCheck={false}
          className="font-mono"
        />
      </Field>
      <Button type="submit" variant="primary" pending={submission.pending} className="self-start">
        {submission.pending ? words.unlock.working : words.unlock.button}
      </Button>
    </form>
  );
}
